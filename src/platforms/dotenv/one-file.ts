import type { Change, Plan } from '../../store/plan.ts'
import { stateStep } from '../../store/state.ts'
import type { Store } from '../../store/store.ts'
import { DEFAULT_VARIABLES, type DotenvTarget, type Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { ENDPOINT_NAME } from '../../values/variable-name.ts'
import { applyWithTargets, type Stores } from './adapter.ts'
import { planLinesRemoval } from './edits.ts'
import { findGivenFile } from './given-file.ts'
import { requireSafeMemory } from './guard.ts'
import { readTarget } from './places.ts'
import { hasOwnForm, homeOf, judgeOf } from './removal.ts'

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
    const file = planLinesRemoval(target, isOurs, shown, system)
    if (isOnlyPlace(stored, path)) {
      const own = await base.plan<never>(change)
      return {
        ...own,
        steps: [...file.steps, ...own.steps],
        places: [...file.places, ...own.places],
        notes: [...file.notes, ...own.notes],
      }
    }
    const state = { ...stored.state, dotenv: dotenv.filter((other) => other.file !== path) }
    const memory = isKnown ? stateStep(base.directory, state, homeOf(system)) : []
    return { ...file, steps: [...file.steps, ...memory], warnings: [] }
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
  const known = dotenv.find(({ file }) => file === path)
  const variables = [...DEFAULT_VARIABLES, { name: ENDPOINT_NAME, value: 'endpoint' } as const]
  return (
    known ?? {
      file: path,
      variables,
      endpoints: [],
      created: false,
      addedNewline: false,
      mode: undefined,
      forced: false,
    }
  )
}
