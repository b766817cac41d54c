import { lastStateOr } from '../store/last-state.ts'
import { readState } from '../store/state.ts'
import type { Description, PreparedStore, Store } from '../store/store.ts'
import type { DotenvTarget, State } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import { fileActivation } from './posix/file-activation.ts'
import { findPlace } from './posix/place.ts'

/**
 * A store with the `.env` files that it remembers as further places of the values. What knows of them is loaded only where
 * there are any.
 */
export function withDotenv(store: Store, system: System): Store {
  const targets = (): readonly DotenvTarget[] => rememberedTargets(store.directory, system)
  const later = () => import('./dotenv/adapter.ts')
  const last = lastStateOr(() => rememberedState(store.directory, system))
  const describe = (): Description => describeWith(store, last.get(), system)
  return {
    directory: store.directory,
    find: async () => {
      const found = await store.find()
      last.found(found)
      return found.state.dotenv.length === 0 ? found : (await later()).findWithTargets(found)
    },
    plan: async (change) =>
      // A removal also gives back what a run has left that was killed.
      change.kind !== 'remove' && targets().length === 0
        ? store.plan(change)
        : (await later()).planWithTargets(store, change, system),
    apply: async (plan) => {
      last.changed()
      const files = targets().map(({ file }) => file)
      if (files.length === 0) return store.apply(plan)
      const { activation } = describe()
      const { warnings } = await (await later()).applyWithTargets(store, plan, files)
      return { activation, warnings }
    },
    inspect: async (found) =>
      found.state.dotenv.length === 0 ? store.inspect(found) : (await later()).inspectWithTargets(store, system),
    describe,
    finish: () => store.finish(),
  }
}

/** The same for a store that setup has prepared: new shells get the values in the way that it has prepared. */
export function preparedWithDotenv(store: PreparedStore, system: System): PreparedStore {
  const { find, inspect } = withDotenv({ ...store, plan: (change) => store.plan(change) }, system)
  const later = () => import('./dotenv/adapter.ts')
  const targets = (): readonly string[] => rememberedTargets(store.directory, system).map(({ file }) => file)
  return {
    ...store,
    find,
    inspect,
    plan: async (change) =>
      targets().length === 0 ? store.plan(change) : (await later()).planPreparedWithTargets(store, change, system),
    apply: async (plan) => {
      const files = targets()
      return files.length === 0 ? store.apply(plan) : (await later()).applyWithTargets(store, plan, files)
    },
  }
}

function rememberedTargets(directory: string, system: System): readonly DotenvTarget[] {
  return rememberedState(directory, system).dotenv
}

function rememberedState(directory: string, system: System): State {
  return readState(directory, system.platform === 'win32' ? undefined : findPlace(system).home)
}

/** Where `.env` files are the only places, nothing is loaded into shells. */
function describeWith(store: Store, { dotenv, variables }: State, system: System): Description {
  const description = store.describe()
  const [first] = dotenv
  if (first === undefined || variables.length > 0) return description
  return describeFiles(dotenv, first, description, system.platform === 'win32' ? undefined : findPlace(system).home)
}

function describeFiles(
  dotenv: readonly DotenvTarget[],
  { file }: DotenvTarget,
  description: Description,
  home: string | undefined,
): Description {
  const files = dotenv.map((target) => target.file)
  const activation = fileActivation(file, description.activation, home)
  return { ...description, loadedFrom: files, activation, newTerminals: { kind: 'programs', files } }
}
