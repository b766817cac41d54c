import { join } from 'node:path'
import { readValue } from '../../store/own-files.ts'
import type { Change, Plan, Step, ToCome } from '../../store/plan.ts'
import { readParked, resourceDirectory } from '../../store/resources.ts'
import { requireNoLaterState } from '../../store/state.ts'
import type { Applied, Description, InspectedVariable, KeptChange, Store } from '../../store/store.ts'
import { storedValue } from '../../store/stored-token.ts'
import type { Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { requireSafePlace } from '../posix/guard.ts'
import { findPlace } from '../posix/place.ts'

/** The store of a resource that is parked: files alone, which no shell reads. The lock is that of the main store. */
export function openParked(main: Store, name: string, system: System): Store {
  const { directory } = main
  const describe = (): Description => ({
    ...main.describe(),
    loadedFrom: [],
    activation: { kind: 'command', text: `${system.self.command} use ${name}` },
    newTerminals: { kind: 'system' },
    remarks: () => [],
  })
  return {
    directory,
    find: async () => readParked(directory, name),
    plan: (change) => planParked(directory, name, change, system),
    apply: async ({ steps }): Promise<Applied> => {
      const [{ applyFileSteps }, { tidyParked }] = await Promise.all([
        import('../../store/change/perform.ts'),
        import('../../store/change/parking.ts'),
      ])
      applyFileSteps(steps, directory)
      tidyParked(directory)
      return { activation: describe().activation, warnings: [] }
    },
    inspect: async (found) => ({ variables: inspect(directory, name, found), problems: [], obstacles: [], dotenv: [] }),
    describe,
    finish: main.finish,
  }
}

async function planParked<Missing extends ToCome>(
  directory: string,
  name: string,
  change: Extract<Change<Missing>, { kind: KeptChange }>,
  system: System,
): Promise<Plan<Missing>> {
  requireNoLaterState(resourceDirectory(directory, name))
  if (system.platform !== 'win32') {
    requireSafePlace(findPlace(system), system, change.kind === 'remove' ? 'removes' : 'stores')
  }
  const [{ parkSteps, parkedState, removeParkedSteps }, { requireWritable }] = await Promise.all([
    import('../../store/change/parking.ts'),
    import('../../store/change/perform.ts'),
  ])
  const found = readParked(directory, name)
  const changed = (values: Parameters<typeof parkSteps<Missing>>[2]): readonly Step<Missing>[] =>
    parkSteps<Missing>(directory, name, values, 'kept')
  const steps = ((): readonly Step<Missing>[] => {
    switch (change.kind) {
      case 'renew': {
        const state = parkedState(name, { ...found.state, issued: change.issued, invalidated: undefined })
        return changed({ connectionString: found.connectionString, accessToken: change.accessToken, state })
      }
      case 'invalidate':
        return changed({ ...found, state: parkedState(name, { ...found.state, invalidated: change.invalidated }) })
      case 'remove':
        return removeParkedSteps(directory, name)
    }
  })()
  requireWritable(steps, directory)
  return { steps, places: placesOf(directory, name, found, change.kind), warnings: [], notes: [] }
}

/** Where the new token is, or where the values were that are removed. */
function placesOf(directory: string, name: string, found: Stored, kind: KeptChange): Plan['places'] {
  const variables = inspect(directory, name, found)
  if (kind === 'remove') {
    return variables.flatMap(({ name: variable, storedIn }) => storedIn.map((where) => ({ name: variable, where })))
  }
  return variables.flatMap(({ name: variable, value }) =>
    value === 'access-token' ? [{ name: variable, where: join(resourceDirectory(directory, name), value) }] : [],
  )
}

function inspect(directory: string, name: string, found: Stored): readonly InspectedVariable[] {
  const own = resourceDirectory(directory, name)
  // The endpoint has no file of its own there: it is a part of the others.
  const variables = found.state.variables.filter(({ value }) => value !== 'endpoint')
  return variables.map((variable) => ({
    ...variable,
    storedIn: readValue(own, variable.value) === undefined ? [] : [join(own, variable.value)],
    secret: storedValue(found, variable.value),
  }))
}
