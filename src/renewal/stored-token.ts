import { createHash } from 'node:crypto'
import { CliError } from '../errors.ts'
import { readTokenClaims } from '../identity/token.ts'
import { parseConnectionString } from '../inputs/connection-string.ts'
import type { Scope } from '../inputs/scopes.ts'
import type { Stored } from '../platforms/platform.ts'
import type { Secret } from '../secret.ts'

/** Whose the stored token is, what for and until when; undefined where neither the state nor the token tells. */
export interface StoredToken {
  readonly token: Secret
  readonly userId: string | undefined
  readonly scopes: readonly Scope[] | undefined
  readonly expiresOn: Date | undefined
}

/**
 * What is known of the stored token: what the service said when it was issued, as the state remembers it, else what the
 * token says of itself. A token that is not the one the state speaks of was put there by something else, so then its
 * own claims come first.
 */
export function describeStoredToken({ accessToken, state }: Stored): StoredToken | undefined {
  if (accessToken === undefined) return undefined
  const claims = readTokenClaims(accessToken.reveal())
  const isRemembered = state.tokenDigest === digestOf(accessToken)
  const remembered = {
    userId: state.userId,
    scopes: nonEmpty(state.scopes),
    expiresOn: isRemembered && state.expiresOn !== undefined ? new Date(state.expiresOn) : undefined,
  }
  const claimed = { userId: claims?.userId, scopes: nonEmpty(claims?.scopes), expiresOn: claims?.expiresOn }
  const [first, second] = isRemembered ? [remembered, claimed] : [claimed, remembered]
  return {
    token: accessToken,
    userId: first.userId ?? second.userId,
    scopes: first.scopes ?? second.scopes,
    expiresOn: first.expiresOn ?? second.expiresOn,
  }
}

/** The identity that is stored: that of the token, else the one that the state remembers. */
export function storedIdentity(found: Stored): string | undefined {
  return describeStoredToken(found)?.userId ?? found.state.userId
}

/** What a command that needs the stored values says where there are none. */
export function nothingStored(): CliError {
  return new CliError('Nothing is stored yet.', { code: 'nothing_stored', hint: 'begin with "acs-env setup"' })
}

/** The endpoint of what is stored: the connection string's own, else the one that the state remembers. */
export function storedEndpoint({ connectionString, state }: Stored): string | undefined {
  if (connectionString === undefined) return state.endpoint
  try {
    return parseConnectionString(connectionString.reveal()).endpoint
  } catch (error) {
    if (error instanceof CliError) return state.endpoint
    throw error
  }
}

/** How the state tells which token it speaks of, without holding it. */
export function digestOf(token: Secret): string {
  return `sha256:${createHash('sha256').update(token.reveal()).digest('hex')}`
}

/** An empty list counts as none. */
export function nonEmpty<Item>(list: readonly Item[] | undefined): readonly Item[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}
