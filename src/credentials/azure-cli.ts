import type { Surroundings } from '../ui/surroundings.ts'
import type { Source } from './source.ts'

/** Which resource is wanted of the signed-in Azure CLI. */
export interface ResourceWish {
  /** A name or an id; undefined: the only one, or the one that is chosen. */
  readonly resource: string | undefined
  /** The name or id of the only subscription to look in. */
  readonly subscription: string | undefined
  /** A person can be asked. */
  readonly mayAsk: boolean
}

/** How messages call it. */
export const AZURE_CLI_WORDS = 'the Azure CLI'

/** The key of a resource, from the signed-in Azure CLI. */
export function azureCliSource(wish: ResourceWish, surroundings: Surroundings): Source {
  return {
    words: AZURE_CLI_WORDS,
    find: async () => {
      // Loaded here: hardly any run asks it.
      const { findKey } = await import('./azure-cli/key.ts')
      return findKey(wish, surroundings)
    },
  }
}
