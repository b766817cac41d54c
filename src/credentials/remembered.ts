import { CliError } from '../errors.ts'
import { isForeignHome } from '../shells/foreign-home.ts'
import type { RememberedSource } from '../store/remembered-source.ts'
import type { System } from '../system/system.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import { azureCliSource } from './azure-cli.ts'
import { commandSource } from './command.ts'
import { entraSource } from './entra.ts'
import type { QuietSource, Source } from './source.ts'

const WORDS: Readonly<Record<RememberedSource['kind'], string>> = {
  command: 'what the remembered command printed',
  'azure-cli': 'the Azure CLI, as remembered',
  entra: 'the remembered sign-in with Entra ID',
}

/** Where the stored token came from, asked again: for a store that keeps no key. */
export function rememberedSource(remembered: RememberedSource | undefined, surroundings: Surroundings): QuietSource {
  const source = remembered && sourceOf(remembered, surroundings)
  return {
    words: remembered === undefined ? 'nothing' : WORDS[remembered.kind],
    find: async () => {
      if (source !== undefined) requireOwnHome(surroundings.system)
      const found = await source?.find()
      return found === undefined ? undefined : { ...found, source: remembered }
    },
    // Of a key it is known only once it has been asked for.
    differsFrom: (other) => remembered?.kind === 'entra' && remembered.endpoint !== other.endpoint,
  }
}

/** What is remembered in a home is its owner's word: root would run whatever program that user has put there. */
function requireOwnHome(system: System): void {
  if (!isForeignHome(system.env.HOME ?? '', system)) return
  throw new CliError('This home belongs to another user, and what its records say to run is not run.', {
    code: 'unsafe',
    hint: 'run this as that user, or say with an option where the connection string comes from',
  })
}

function sourceOf(remembered: RememberedSource, surroundings: Surroundings): Source {
  switch (remembered.kind) {
    case 'command':
      return commandSource(remembered.command, remembered.directory, surroundings.system)
    case 'azure-cli':
      return azureCliSource({ resource: remembered.resourceId, subscription: undefined, mayAsk: false }, surroundings)
    case 'entra':
      return entraSource(remembered.endpoint, remembered.supplier, surroundings)
  }
}
