import { readBackError } from '../../errors.ts'
import { withLock } from '../../files/change/lock.ts'
import type { System } from '../../system/system.ts'
import type { Change, Plan } from '../plan.ts'
import { isSameSecret } from '../same-stored.ts'
import type { Applied, Store } from '../store.ts'
import type { Stored } from '../stored.ts'

/** What a command makes of the store as it finds it: nothing, or a change. */
export type Decision<Kind extends Change['kind'], Result> =
  | { readonly kind: 'keep'; readonly result: Result }
  | { readonly kind: 'change'; readonly change: Extract<Change, { kind: Kind }>; readonly result: Result }

/** The outcome of a change. */
export type Changed<Result> =
  | { readonly kind: 'kept'; readonly result: Result }
  | {
      readonly kind: 'changed'
      readonly result: Result
      readonly plan: Plan
      readonly applied: Applied
      /** As it was found again, and compared. */
      readonly stored: Stored
    }

/** What `decide` is handed besides the store as it is. */
export interface Holding {
  /** Another run held the lock first. */
  readonly waited: boolean
  /** Directories that were made for the lock, the deepest first. */
  readonly createdDirectories: readonly string[]
  /** Aborted by Ctrl+C. `decide` has to finish what cannot be taken back by then. */
  readonly signal: AbortSignal
}

/**
 * Changes what is stored, alone: takes the lock, finds what is stored, has `decide` decide, plans, performs, and finds
 * again what should be stored. Throws what any of these throws, and where something else is found.
 *
 * @param onWait called once if another run has to be waited for
 */
export function changeStore<Kind extends Change['kind'], Result>(
  store: Store<Kind>,
  system: System,
  onWait: () => void,
  decide: (found: Stored, holding: Holding) => Promise<Decision<Kind, Result>>,
): Promise<Changed<Result>> {
  return system.interruptible((signal) =>
    withLock(store.directory, system, { signal, onWait }, async (lock): Promise<Changed<Result>> => {
      await store.finish()
      const found = await store.find()
      const decision = await decide(found, { ...lock, signal })
      const { result } = decision
      if (decision.kind === 'keep') return { kind: 'kept', result }
      const plan = await store.plan(decision.change)
      const applied = await store.apply(plan)
      const stored = await store.find()
      requireFound(stored, expectedAfter(decision.change, found))
      return { kind: 'changed', result, plan, applied, stored }
    }),
  )
}

type Values = Pick<Stored, 'connectionString' | 'accessToken'>

/** The values that a change leaves behind. */
function expectedAfter(change: Change, found: Stored): Values {
  switch (change.kind) {
    case 'store':
      return change.request
    case 'renew':
      return { connectionString: found.connectionString, accessToken: change.accessToken }
    case 'remove':
      return { connectionString: undefined, accessToken: undefined }
    case 'invalidate':
    case 'place':
    case 'remember':
      return found
    default:
      return change satisfies never
  }
}

function requireFound(found: Values, expected: Values): void {
  const isSame =
    isSameSecret(found.connectionString, expected.connectionString) &&
    isSameSecret(found.accessToken, expected.accessToken)
  if (!isSame) throw readBackError('What is stored now is not what was to be stored.')
}
