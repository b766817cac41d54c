import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, CancelledError, systemCode } from '../errors.ts'
import type { System } from '../system/system.ts'
import { findOnWindows } from '../system/windows-command.ts'
import { printable } from '../text/printable.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import { azureCliDirectory } from './azure-cli-config.ts'
import { azureCliSource } from './azure-cli.ts'
import type { FoundCredential } from './source.ts'

const FROM_AZURE = 'From your Azure sign-in'
const PASTED = 'Paste it'

/**
 * Offers the signed-in Azure CLI to somebody who has to be asked for a connection string. Undefined where there is no
 * sign-in to offer, or they would rather paste it.
 */
export async function offerAzureCli(surroundings: Surroundings): Promise<FoundCredential | undefined> {
  const { system, terminal, reporter } = surroundings
  const user = signedInUser(system)
  if (user === undefined) return undefined
  const { ask } = await import('../ui/prompts.ts')
  const choices = [
    { name: FROM_AZURE, description: user },
    { name: PASTED, description: 'from Keys in the Azure portal' },
  ] as const
  const chosen = await ask({ kind: 'pick', message: 'Connection string', choices }, terminal, 'works')
  if (chosen === PASTED) return undefined
  const wish = { resource: undefined, subscription: undefined, mayAsk: true }
  const found = await attempt(() => azureCliSource(wish, surroundings).find())
  if (found.kind === 'done') return found.value
  const { error } = found
  if (error instanceof CancelledError) throw error
  // It can still be pasted.
  reporter.warn(error.hint === undefined ? error.message : `${error.message} ${upperFirst(error.hint)}.`)
  return undefined
}

/**
 * Who is signed in, by what the Azure CLI remembers: starting it would take a second. Undefined where nobody is, or it is
 * not there any more; whether the sign-in is still good is not known.
 */
function signedInUser(system: Pick<System, 'env' | 'platform'>): string | undefined {
  const directory = azureCliDirectory(system)
  const file = directory === undefined ? undefined : join(directory, 'azureProfile.json')
  if (file === undefined || !existsSync(file) || !isOnPath(system)) return undefined
  const subscriptions = readSubscriptions(file)
  const user = fieldsOf((subscriptions.find(({ isDefault }) => isDefault === true) ?? subscriptions[0])?.user)
  if (subscriptions.length === 0) return undefined
  return typeof user.name === 'string' ? printable(user.name) : 'the Azure CLI'
}

/** Those of a tenant without a subscription have its own id, and are none. */
function readSubscriptions(file: string): readonly Record<string, unknown>[] {
  try {
    // It begins with a byte order mark.
    const profile = fieldsOf(JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, '')))
    const subscriptions: readonly unknown[] = Array.isArray(profile.subscriptions) ? profile.subscriptions : []
    return subscriptions.map(fieldsOf).filter(({ id, tenantId }) => typeof id === 'string' && id !== tenantId)
  } catch (error) {
    // Damaged, or not to be read: the Azure CLI takes that for signed out too.
    if (error instanceof SyntaxError || systemCode(error) !== undefined) return []
    throw error
  }
}

function isOnPath({ env, platform }: Pick<System, 'env' | 'platform'>): boolean {
  if (platform === 'win32') return findOnWindows('az', env, { elsewhere: true }) !== undefined
  return (env.PATH ?? '').split(':').some((directory) => directory !== '' && existsSync(join(directory, 'az')))
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
