import type { Change, Plan } from '../../store/plan.ts'
import { stateStep } from '../../store/state.ts'
import type { Store } from '../../store/store.ts'
import type { DotenvTarget, Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { applyWithTargets, planningOf, type Stores } from './adapter.ts'
import { findGivenFile } from './given-file.ts'
import { requireSafeMemory } from './guard.ts'
import { planLinesRemoval } from './lines-removal.ts'
import { readTarget } from './places.ts'
import { forgottenTarget, hasOwnForm, homeOf, judgeOf, removalSteps } from './removal.ts'
import { readTakenRecords } from './taken-records.ts'

/** One `.env` file as a store, to be emptied. */
export interface OneFile {
  readonly store: Store
  /** Nothing is stored anywhere else, so all that is remembered goes with the file. */
  readonly isLast: boolean
}

/**
 * The store that is a `.env` file alone; what is stored elsewhere stays. A file that is not remembered is judged by the
 * form of the values in it.
 *
 * @param given as the user knows it
 */
export async function openOneFile({ base, all }: Stores, given: string, system: System): Promise<OneFile> {
  const { path, shown } = findGivenFile(given, system)
  let isRemoved = false
  const isLast = isOnlyPlace(await base.find(), path)

  const find = async (): Promise<Stored> => {
    const { state } = await base.find()
    const none = { connectionString: undefined, accessToken: undefined, state }
    return isRemoved ? none : { ...readTarget(targetAt(path, state.dotenv)), state }
  }

  const planRemoval = async (change: Extract<Change, { kind: 'remove' }>): Promise<Plan> => {
    requireSafeMemory(system, 'removes')
    const stored = await base.find()
    const { dotenv } = stored.state
    const isKnown = dotenv.some(({ file }) => file === path)
    const target = targetAt(path, dotenv)
    const isStored = judgeOf(stored, target)
    const isOurs = (value: string): boolean => isStored(value) || (!isKnown && hasOwnForm(value))
    const home = homeOf(system)
    const records = new Map(readTakenRecords(base.directory, home))
    const planning = planningOf(base, system)
    const file = planLinesRemoval(target, isOurs, records.get(path), shown, planning)
    if (file.taken === undefined) records.delete(path)
    if (isOnlyPlace(stored, path)) {
      const own = await base.plan<never>(change)
      return {
        steps: removalSteps(file.steps, own.steps, records, planning),
        places: [...file.places, ...own.places],
        warnings: [...file.warnings, ...own.warnings],
        notes: [...file.notes, ...own.notes],
      }
    }
    const state = { ...stored.state, dotenv: dotenv.filter((other) => other.file !== path) }
    const memory = isKnown ? stateStep(base.directory, state, home) : []
    return { ...file, steps: removalSteps(file.steps, memory, records, planning) }
  }

  const store: Store = {
    ...all,
    find,
    plan: async (change) => (change.kind === 'remove' ? planRemoval(change) : all.plan(change)),
    apply: async (plan) => {
      const applied = await applyWithTargets(base, plan, [path])
      isRemoved = true
      return applied
    },
  }
  return { store, isLast }
}

function isOnlyPlace({ connectionString, accessToken, state: { dotenv } }: Stored, path: string): boolean {
  const isElsewhere = connectionString !== undefined || accessToken !== undefined
  return !isElsewhere && dotenv.length > 0 && dotenv.every(({ file }) => file === path)
}

function targetAt(path: string, dotenv: readonly DotenvTarget[]): DotenvTarget {
  return dotenv.find(({ file }) => file === path) ?? forgottenTarget(path)
}
