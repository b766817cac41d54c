import { CliError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import { sha256 } from '../system/sha256.ts'
import { isMistake, readStoredConnectionString } from '../values/connection-string.ts'
import { resourceOf } from '../values/identity-id.ts'
import type { Scope } from '../values/scopes.ts'
import { readTokenClaims } from '../values/token-claims.ts'
import type { Stored } from './stored.ts'

/** Whose a token is, what for and until when. */
interface Description {
  readonly userId: string | undefined
  readonly scopes: readonly Scope[] | undefined
  readonly expiresOn: Date | undefined
}

/** The stored token; what neither the state nor the token tells of it is undefined. */
export interface StoredToken extends Description {
  readonly token: Secret
}

/**
 * What is known of the stored token: what the service said when it was issued, as the state remembers it, else what the
 * token says of itself. A token that is not the one the state speaks of was put there by something else, so then its
 * own claims come first.
 */
export function describeStoredToken({ accessToken, state: { issued } }: Stored): StoredToken | undefined {
  if (accessToken === undefined) return undefined
  const claims = readTokenClaims(accessToken.reveal())
  const claimed = { userId: claims?.userId, scopes: nonEmpty(claims?.scopes), expiresOn: claims?.expiresOn }
  const remembered = {
    userId: issued.userId,
    scopes: nonEmpty(issued.scopes),
    expiresOn: issued.expiresOn === undefined ? undefined : new Date(issued.expiresOn),
  }
  // Where both say the same it does not matter whose word counts, and the digest takes long to load.
  const isRemembered = agree(claimed, remembered) || issued.tokenDigest === digestOf(accessToken)
  const [first, second] = isRemembered ? [remembered, claimed] : [claimed, { ...remembered, expiresOn: undefined }]
  return {
    token: accessToken,
    userId: first.userId ?? second.userId,
    scopes: first.scopes ?? second.scopes,
    expiresOn: first.expiresOn ?? second.expiresOn,
  }
}

/** Whether a token's claims are what the service said; it gives the expiry more exactly than to the second. */
function agree(claimed: Description, remembered: Description): boolean {
  const apartMs = Math.abs((claimed.expiresOn?.getTime() ?? NaN) - (remembered.expiresOn?.getTime() ?? NaN))
  return (
    claimed.userId !== undefined &&
    claimed.userId === remembered.userId &&
    claimed.scopes?.join() === remembered.scopes?.join() &&
    apartMs < 1000
  )
}

/** The identity that is stored: that of the token, else the one that the state remembers. */
export function storedIdentity(found: Stored): string | undefined {
  return describeStoredToken(found)?.userId ?? found.state.issued.userId
}

/** Whether less than this is left of a token. One whose expiry is not known counts as about to expire. */
export function expiresWithin({ expiresOn }: StoredToken, leftMs: number, now: Date): boolean {
  return expiresOn === undefined || expiresOn.getTime() - now.getTime() < leftMs
}

/** Nothing to renew: says how to begin. */
export function missingToken(): never {
  throw new CliError('No access token is stored.', { code: 'nothing_stored', hint: 'begin with "acs-env setup"' })
}

/** What a command that needs the stored values says where there are none. */
export function nothingStored(): CliError {
  return new CliError('Nothing is stored yet.', { code: 'nothing_stored', hint: 'begin with "acs-env setup"' })
}

/** The endpoint of what is stored: the connection string's own, else the one that the state remembers. */
export function storedEndpoint({ connectionString, state }: Stored): string | undefined {
  const read = connectionString === undefined ? undefined : readStoredConnectionString(connectionString.reveal())
  return read === undefined || isMistake(read) ? state.issued.endpoint : read.endpoint
}

/**
 * The endpoint of the resource that made an identity: known only of the one that a stored token was issued for, and of
 * others whose id names the same resource.
 */
export function identityEndpoint({ state: { issued } }: Stored, userId: string): string | undefined {
  const resource = resourceOf(userId)
  const isIssuers = issued.userId === userId || (resource !== undefined && resourceOf(issued.userId) === resource)
  return isIssuers ? issued.endpoint : undefined
}

/** How the state tells which token it speaks of, without holding it. */
export function digestOf(token: Secret): string {
  return `sha256:${sha256(token.reveal())}`
}

/** An empty list counts as none. */
export function nonEmpty<Item>(list: readonly Item[] | undefined): readonly Item[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}
