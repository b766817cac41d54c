import { attempt } from '../../errors.ts'
import { changeStore } from '../../store/change/transaction.ts'
import type { Change } from '../../store/plan.ts'
import { brokenSwitch, hasResourcesFolder } from '../../store/resources.ts'
import { isSameStored } from '../../store/same-stored.ts'
import type { Store } from '../../store/store.ts'
import type { Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'

/** Nobody changes the current resource this often in so short a time. */
export const MOST_TRIES = 20

/**
 * Finishes a change of the current resource that a killed run has left, and gives what is stored then. Where that
 * cannot be done, it is what was found.
 */
export async function findWhole<Kind extends Change['kind']>(
  store: Store<Kind>,
  found: Stored,
  system: System,
): Promise<Stored> {
  const { directory } = store
  if (!hasResourcesFolder(directory)) return found
  let seen = found
  for (let tries = 0; tries < MOST_TRIES && brokenSwitch(directory, seen) === undefined; tries += 1) {
    // It may be of the middle of a change that is over by now, when no copy tells so any more.
    const again = await store.find()
    if (isSameStored(seen, again)) return again
    seen = again
  }
  await attempt(() =>
    changeStore<Kind, undefined>(
      store,
      system,
      () => undefined,
      async () => ({ kind: 'keep', result: undefined }),
    ),
  )
  return store.find()
}
