import { attempt } from '../../errors.ts'
import { changeStore } from '../../store/change/transaction.ts'
import type { Change } from '../../store/plan.ts'
import { brokenSwitch, hasResourcesFolder } from '../../store/resources.ts'
import type { Store } from '../../store/store.ts'
import type { Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'

/**
 * Finishes a change of the current resource that a killed run has left, and gives what is stored then. Where that
 * cannot be done, it is what was found.
 */
export async function findWhole<Kind extends Change['kind']>(
  store: Store<Kind>,
  found: Stored,
  system: System,
): Promise<Stored> {
  if (!hasResourcesFolder(store.directory) || brokenSwitch(store.directory, found) === undefined) return found
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
