import { tryReadFileState } from '../../files/read.ts'
import { stateStep } from '../../store/change/state.ts'
import type { Change, Plan } from '../../store/plan.ts'
import type { Store } from '../../store/store.ts'
import { DEFAULT_VARIABLES, type DotenvTarget, type Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { applyWithTargets, planningOf, type Stores } from './adapter.ts'
import { findGivenFile } from './given-file.ts'
import { requireSafeMemory } from './guard.ts'
import { homeOf } from './home.ts'
import { forgottenFile, planLinesRemoval, rememberedFile } from './lines-removal.ts'
import { hasOwnForm, isOursIn, judgeOf } from './ownership.ts'
import { readTarget, type FoundValues } from './places.ts'
import { removalSteps } from './removal.ts'
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
    return isRemoved ? none : { ...valuesAt(path, state.dotenv), state }
  }

  const planRemoval = async (change: Extract<Change, { kind: 'remove' }>): Promise<Plan> => {
    requireSafeMemory(system, 'removes')
    const stored = await base.find()
    const { dotenv } = stored.state
    const target = dotenv.find(({ file }) => file === path)
    const home = homeOf(system)
    const records = new Map(readTakenRecords(base.directory, home))
    const record = records.get(path)
    const planning = planningOf(base, system)
    const known = { stored, target, record, records }
    const isUnknown = target === undefined && record === undefined
    const file = planLinesRemoval(
      target === undefined ? forgottenFile(path, record) : rememberedFile(target, record),
      tryReadFileState(path),
      (state) => (isUnknown ? isLikeOurs(stored, path) : isOursIn(state, known)),
      record,
      planning,
      shown,
    )
    if (file.taken === undefined) records.delete(path)
    if (isOnlyPlace(stored, path, record !== undefined)) {
      const own = await base.plan<never>(change)
      return {
        steps: removalSteps(file.steps, own.steps, records, planning),
        places: [...file.places, ...own.places],
        warnings: [...file.warnings, ...own.warnings],
        notes: [...file.notes, ...own.notes],
      }
    }
    const state = { ...stored.state, dotenv: dotenv.filter((other) => other.file !== path) }
    const memory = target !== undefined ? stateStep(base.directory, state, home) : []
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

/** Whether nothing is stored or remembered elsewhere. @param hasRecord lines of this file are noted */
function isOnlyPlace(
  { connectionString, accessToken, state: { dotenv } }: Stored,
  path: string,
  hasRecord = false,
): boolean {
  const isElsewhere = connectionString !== undefined || accessToken !== undefined
  return !isElsewhere && (dotenv.length > 0 || hasRecord) && dotenv.every(({ file }) => file === path)
}

/** Of a file that nothing is known of, the form of a value tells. */
function isLikeOurs(stored: Stored, file: string): (value: string) => boolean {
  const isStored = judgeOf(stored, { file, variables: DEFAULT_VARIABLES, endpoints: [] })
  return (value) => isStored(value) || hasOwnForm(value)
}

/** The values that a file has under the usual names, or under those that it was asked to hold. */
function valuesAt(file: string, dotenv: readonly DotenvTarget[]): FoundValues {
  return readTarget(dotenv.find((target) => target.file === file) ?? { file, variables: DEFAULT_VARIABLES })
}
