import { attempt, type CliError } from '../errors.ts'
import type { Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import { openStore } from './resolve.ts'

/** What a command finds that can do without a store, as in a container. */
export type LookedFor =
  | { readonly kind: 'stored'; readonly found: Stored }
  | { readonly kind: 'nothing' }
  /** There is no home, or what is in it cannot be read. */
  | { readonly kind: 'no-store'; readonly error: CliError }

/** Looks for what is stored. That there is none, and no place for one either, is an answer and no error. */
export async function lookForStored(system: System): Promise<LookedFor> {
  const looked = await attempt(async () => (await openStore(system)).find())
  if (looked.kind === 'failed') return { kind: 'no-store', error: looked.error }
  const found = looked.value
  const isStored = found.connectionString !== undefined || found.accessToken !== undefined
  return isStored ? { kind: 'stored', found } : { kind: 'nothing' }
}
