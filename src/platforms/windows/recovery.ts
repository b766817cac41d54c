import { Secret } from '../../secret.ts'
import type { RegistryString } from '../../store/plan.ts'
import { digestOf } from '../../store/stored-token.ts'
import type { State, ValueKind } from '../../store/stored.ts'
import { isMistake, readStoredConnectionString } from '../../values/connection-string.ts'
import { sameIdentity } from '../../values/identity-id.ts'
import { readTokenClaims } from '../../values/token-claims.ts'
import type { WindowsValues } from './values.ts'

/** Whose tokens the service issues: of its own users, and of those of Teams. Skype has others in the same form. */
const SERVICE_USER = /^8:(?:(?:gcch-|dod-)?acs|spool|orgid|gcch|dod):/

/**
 * The variables that acs-env has stored as far as their values tell, for where its records are gone: a roaming profile
 * takes the registry to another computer and leaves the local data behind, and programs that clean up empty it.
 *
 * A token is known by its claims. A connection string in the form that acs-env writes counts beside such a token, or where
 * the state remembers its resource; one that is alone may as well have been set by hand, and so may one of another
 * resource beside the token that is remembered, or a later one of the same identity.
 */
export function recoverNames(state: State, current: WindowsValues): readonly string[] {
  const named = (kind: ValueKind): readonly string[] =>
    state.variables.filter(({ value }) => value === kind).map(({ name }) => name)
  const tokens = named('access-token').filter((name) => isToken(current.string(name), state))
  const isOfRemembered =
    state.issued.endpoint !== undefined && tokens.some((name) => isRemembered(current.string(name), state))
  const connectionStrings = named('connection-string').filter((name) => {
    const endpoint = endpointOf(current.string(name))
    return endpoint !== undefined && (endpoint === state.issued.endpoint || (tokens.length > 0 && !isOfRemembered))
  })
  // Anybody may have set an endpoint by hand; beside our own values it is ours.
  const isBeside = connectionStrings.length + tokens.length > 0
  const endpoints = named('endpoint').filter((name) => isBeside && current.string(name)?.text === state.issued.endpoint)
  return [...connectionStrings, ...tokens, ...endpoints]
}

/**
 * The tokens that acs-env has stored on another computer since, for the identity that is remembered here: a roaming
 * profile brings the registry up to date, and not the records.
 */
export function renewedElsewhere({ variables, issued }: State, current: WindowsValues): readonly string[] {
  const names = variables.filter(({ value }) => value === 'access-token').map(({ name }) => name)
  if (issued.userId === undefined) return []
  return names.filter((name) => {
    const value = current.string(name)
    return value?.expands === false && readTokenClaims(value.text)?.userId === issued.userId
  })
}

/** Whether a value may be a connection string that acs-env has stored, although nothing else tells so. */
export function isCanonical(value: RegistryString | undefined): boolean {
  return endpointOf(value) !== undefined
}

function isToken(value: RegistryString | undefined, { issued }: State): boolean {
  if (value === undefined || value.expands) return false
  const userId = readTokenClaims(value.text)?.userId
  return (userId !== undefined && SERVICE_USER.test(userId)) || hasDigest(value, issued)
}

/** Whether a token is the one that is remembered, or another one for the same identity. */
function isRemembered(value: RegistryString | undefined, { issued }: State): boolean {
  if (value === undefined) return false
  const userId = readTokenClaims(value.text)?.userId
  return userId === undefined ? hasDigest(value, issued) : sameIdentity(userId, issued.userId)
}

function hasDigest({ text }: RegistryString, { tokenDigest }: State['issued']): boolean {
  return digestOf(new Secret(text)) === tokenDigest
}

/** Of a connection string in exactly the form that is stored. */
function endpointOf(value: RegistryString | undefined): string | undefined {
  if (value === undefined || value.expands) return undefined
  const read = readStoredConnectionString(value.text)
  return isMistake(read) || read.secret.reveal() !== value.text ? undefined : read.endpoint
}
