import { findCredential, noConnectionString, type Wanted } from '../credentials/obtain.ts'
import { namesSource } from '../credentials/option.ts'
import { Secret } from '../secret.ts'
import { nothingStored, storedEndpoint, storedValue, type StoredToken } from '../store/stored-token.ts'
import type { Stored, ValueKind } from '../store/stored.ts'
import { connectionStringOf, type Credential } from '../values/credential.ts'
import { CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import { refuseRunTokenOptions, type RunContext } from './for-this-run.ts'

/** A variable, and its value if it has one. */
export type HandedValue = readonly [name: string, secret: Secret | undefined]

/** How the token that is stored is handed over: `obtain` gives what it can be renewed with. */
export type UseToken = (found: Stored, obtain: () => Promise<Credential>) => Promise<StoredToken>

/** The stored variables for a program or a shell, where the connection string may be another one than the stored. */
export async function valuesToHandOver(
  found: Stored,
  first: Wanted['first'],
  useToken: UseToken,
  context: RunContext,
): Promise<readonly HandedValue[]> {
  refuseRunTokenOptions(context.options)
  const credential = await credentialFor(found, first, context)
  const { variables } = found.state
  const wantsToken = variables.some(({ value }) => value === 'access-token')
  const token = wantsToken ? await tokenFor(found, credential, useToken, context) : undefined
  const valueOf = (kind: ValueKind): Secret | undefined => {
    if (kind === 'access-token') return token
    if (kind === 'connection-string') return connectionStringOf(credential)
    return credential === undefined ? storedValue(found, kind) : new Secret(credential.endpoint)
  }
  return variables.map(({ name, value }) => [name, valueOf(value)])
}

/** With --token-only none is stored, and none is needed. */
async function credentialFor(
  stored: Stored,
  first: Wanted['first'],
  context: RunContext,
): Promise<Credential | undefined> {
  const { options, system } = context
  const isThere = stored.connectionString !== undefined || system.env[CONNECTION_STRING_NAME] !== undefined
  if (stored.accessToken !== undefined && !isThere && !namesSource(options)) return undefined
  const found = await findCredential({ options, first, stored, next: 'works' }, context)
  if (found === undefined) throw nothingStored()
  return found
}

/** The stored token, unless it would stand beside the connection string of another resource. */
async function tokenFor(
  found: Stored,
  credential: Credential | undefined,
  useToken: UseToken,
  context: RunContext,
): Promise<Secret | undefined> {
  const { options, reporter } = context
  if (found.accessToken === undefined) {
    reporter.warn('no access token is stored, so there is none to hand over.')
    return undefined
  }
  const endpoint = storedEndpoint(found)
  if (credential !== undefined && credential.endpoint !== endpoint) {
    const reason = endpoint === undefined ? 'may not belong' : 'does not belong'
    reporter.warn(`the stored token is left out: it ${reason} to ${credential.host}.`)
    return undefined
  }
  const obtain = async (): Promise<Credential> =>
    // Standard input cannot be read twice.
    credential ??
    (await findCredential({ options, first: 'environment', stored: found, next: 'works' }, context)) ??
    noConnectionString()
  return (await useToken(found, obtain)).token
}
