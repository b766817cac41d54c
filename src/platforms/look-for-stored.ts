import { attempt, type CliError } from '../errors.ts'
import { hasResourcesFolder } from '../store/resources.ts'
import type { Store } from '../store/store.ts'
import type { Stored } from '../store/stored.ts'
import type { Environment, System } from '../system/system.ts'
import { CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import { openStore } from './resolve.ts'

/** What is found by a command that can do without a store, as in a container. */
export type LookedFor =
  | { readonly kind: 'stored'; readonly found: Stored; readonly store: Store }
  /** With what is wrong where resources are stored and none is the current one. */
  | { readonly kind: 'nothing'; readonly noCurrent: CliError | undefined }
  /** There is no home, or what is in it cannot be read. */
  | { readonly kind: 'no-store'; readonly error: CliError }

/**
 * Looks for what is stored. That there is none, and no place for one either, is an answer and no error.
 *
 * @param options with the name of the resource that is meant: where there is none of it, that is an error
 */
export async function lookForStored(
  system: System,
  { name, dryRun }: { readonly name?: string; readonly dryRun?: true } = {},
): Promise<LookedFor> {
  const mode = dryRun ? 'looks' : 'repairs'
  if (name !== undefined) {
    const { openNamed } = await import('./resources/named.ts')
    const { store } = await openNamed(name, system, mode)
    return { kind: 'stored', found: await store.find(), store }
  }
  const looked = await attempt(() => findCurrent(system, mode))
  if (looked.kind === 'failed') return { kind: 'no-store', error: looked.error }
  const { found, store } = looked.value
  const isStored = found.connectionString !== undefined || found.accessToken !== undefined
  if (isStored) return { kind: 'stored', found, store }
  if (!hasResourcesFolder(store.directory)) return { kind: 'nothing', noCurrent: undefined }
  const { noCurrentResource } = await import('./resources/about.ts')
  return { kind: 'nothing', noCurrent: noCurrentResource(store.directory, found) }
}

/** Where a resource is named, its own values are meant, not those in the environment: they are of the current one. */
export function withoutStoredVariable<Context extends { readonly system: System }>(context: Context): Context {
  const env: Environment = { ...context.system.env, [CONNECTION_STRING_NAME]: undefined }
  return { ...context, system: { ...context.system, env } }
}

async function findCurrent(
  system: System,
  mode: 'looks' | 'repairs',
): Promise<{ readonly found: Stored; readonly store: Store }> {
  const store = await openStore(system)
  const found = await store.find()
  // Where there are several, a run may have been killed while it changed which is the current one.
  const mayBeBroken = mode === 'repairs' && (found.state.name !== undefined || found.accessToken === undefined)
  if (!mayBeBroken || !hasResourcesFolder(store.directory)) return { found, store }
  const { findWhole } = await import('./resources/whole.ts')
  return { found: await findWhole(store, found, system), store }
}
