import { CliError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { sha256 } from '../system/sha256.ts'
import { formatDuration } from '../text/duration.ts'
import {
  isMistake,
  readStoredConnectionString,
  type ConnectionString,
  type Mistake,
} from '../values/connection-string.ts'
import { resourceOf, sameIdentity } from '../values/identity-id.ts'
import type { Scope } from '../values/scopes.ts'
import { readTokenClaims } from '../values/token-claims.ts'
import { CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { Invalidated, State, Stored, ValueKind } from './stored.ts'

/** The longest that the service issues on request, and the longest of all: a Teams user's lives with its Entra token. */
const LONGEST_ASKED_MS = 24 * 60 * 60_000
const LONGEST_MS = 28 * 60 * 60_000
/** Two clocks may differ by less than this without harm. */
const CLOCK_TOLERANCE_MS = 60 * 60_000

/** Whose a token is, what for and until when. */
interface Description {
  readonly userId: string | undefined
  readonly scopes: readonly Scope[] | undefined
  readonly expiresOn: Date | undefined
  /** From its issue to its expiry. */
  readonly lifetimeMs: number | undefined
}

/** The stored token; what neither the state nor the token says is undefined. */
export interface StoredToken extends Description {
  readonly token: Secret
  /** Why it is of no use any more; its expiry is then the moment at which that was found out. */
  readonly invalidated: Invalidated['reason'] | undefined
}

/**
 * What is known of the stored token: what the service said when it was issued, as the state remembers it, else what the
 * token says of itself. A token that is not the one the state speaks of was put there by something else, so then its
 * own claims come first.
 */
export function describeStoredToken(found: Stored): StoredToken | undefined {
  const token = described.get(found) ?? describe(found)
  if (token !== undefined) described.set(found, token)
  return token
}

/** What was found does not change, and each check asks. */
const described = new WeakMap<Stored, StoredToken>()

function describe({ accessToken, state: { issued, invalidated } }: Stored): StoredToken | undefined {
  if (accessToken === undefined) return undefined
  const claims = readTokenClaims(accessToken.reveal())
  const claimed = {
    userId: claims?.userId,
    scopes: nonEmpty(claims?.scopes),
    expiresOn: claims?.expiresOn,
    lifetimeMs: claims?.lifetimeMs,
  }
  const remembered = {
    userId: issued.userId,
    scopes: nonEmpty(issued.scopes),
    expiresOn: issued.expiresOn === undefined ? undefined : new Date(issued.expiresOn),
    lifetimeMs: issued.lifetimeMinutes === undefined ? undefined : issued.lifetimeMinutes * 60_000,
  }
  // Where both say the same, it does not matter which one counts, and the digest takes long to load.
  const isRemembered = agree(claimed, remembered) || issued.tokenDigest === digestOf(accessToken)
  const [first, second] = isRemembered
    ? [remembered, claimed]
    : [claimed, { ...remembered, expiresOn: undefined, lifetimeMs: undefined }]
  const end = invalidated !== undefined && speaksOf(invalidated, accessToken) ? invalidated : undefined
  return {
    token: accessToken,
    userId: first.userId ?? second.userId,
    scopes: first.scopes ?? second.scopes,
    expiresOn: earlier(first.expiresOn ?? second.expiresOn, end === undefined ? undefined : new Date(end.at)),
    lifetimeMs: first.lifetimeMs ?? second.lifetimeMs,
    invalidated: end?.reason,
  }
}

function earlier(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return one < other ? one : other
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

/**
 * How little has to be left of a token for it to be renewed ahead of time: what was wished for, but no more than half of
 * its life. A job that runs more often than that would otherwise renew a short-lived one each time.
 */
export function renewalThresholdMs({ lifetimeMs }: StoredToken, wishedMs: number): number {
  return lifetimeMs === undefined ? wishedMs : Math.min(wishedMs, lifetimeMs / 2)
}

/** The identity that is stored: that of the token, else the one that the state remembers. */
export function storedIdentity(found: Stored): string | undefined {
  return describeStoredToken(found)?.userId ?? found.state.issued.userId
}

/** Whether this token is known to be useless, whatever it says of itself. */
export function isInvalidatedToken({ invalidated }: State, token: Secret): boolean {
  return invalidated !== undefined && speaksOf(invalidated, token)
}

function speaksOf({ tokenDigest }: Invalidated, token: Secret): boolean {
  return tokenDigest === digestOf(token)
}

/** Whether this identity is known to be gone. */
export function isDeletedIdentity({ invalidated }: State, userId: string | undefined): boolean {
  return invalidated?.reason === 'deleted' && sameIdentity(invalidated.userId, userId)
}

/** What to remember where the stored identity has lost its tokens; undefined where another one is stored. */
export function invalidationOf(
  found: Stored,
  reason: Invalidated['reason'],
  userId: string,
  now: Date,
): Invalidated | undefined {
  const stored = storedIdentity(found)
  if (stored === undefined || !sameIdentity(stored, userId)) return undefined
  const { accessToken } = found
  const tokenDigest = accessToken === undefined ? undefined : digestOf(accessToken)
  return { reason, userId: stored, tokenDigest, at: now.toISOString() }
}

/** Whether less than this is left of a token. One whose expiry is not known counts as about to expire. */
export function expiresWithin({ expiresOn, invalidated }: StoredToken, leftMs: number, now: Date): boolean {
  // The clock may be behind the moment at which it became useless.
  return invalidated !== undefined || expiresOn === undefined || expiresOn.getTime() - now.getTime() < leftMs
}

/**
 * A sentence where the clock of this computer must be behind: a token would live longer than any does, or was stored in
 * the future. Undefined where nothing says so.
 */
export function clockProblem({ expiresOn }: StoredToken, { state }: Stored, now: Date): string | undefined {
  const { renewedAt, lifetimeMinutes } = state.issued
  const longestMs = lifetimeMinutes === undefined ? LONGEST_MS : LONGEST_ASKED_MS
  const tooLongMs = (expiresOn?.getTime() ?? 0) - now.getTime() - longestMs
  const toComeMs = renewedAt === undefined ? 0 : Date.parse(renewedAt) - now.getTime()
  // An invalid time says nothing.
  const behindMs = Math.max(tooLongMs, Number.isNaN(toComeMs) ? 0 : toComeMs)
  if (behindMs <= CLOCK_TOLERANCE_MS) return undefined
  return `The clock of this computer is at least ${formatDuration(behindMs)} behind, so how long the token is good cannot be told.`
}

/** Nothing to renew: says how to begin. */
export function missingToken(): never {
  throw new CliError('No access token is stored.', { code: 'nothing_stored', hint: 'begin with "acs-env setup"' })
}

const BEGIN = `begin with "acs-env setup", or give the connection string in ${CONNECTION_STRING_NAME}`

/** What a command that prints the token says where there is none, and no way to one. */
export function noTokenStored(): CliError {
  return new CliError('No access token is stored.', { code: 'nothing_stored', hint: BEGIN })
}

/** What a command that needs the stored values says where there are none, and no way to others. */
export function nothingStored(): CliError {
  return new CliError('Nothing is stored yet.', { code: 'nothing_stored', hint: BEGIN })
}

/** The stored connection string, or what is wrong with it; undefined where there is none. */
export function storedConnectionString(found: Stored): ConnectionString | Mistake | undefined {
  const { connectionString } = found
  if (connectionString === undefined) return undefined
  const read = understood.get(found) ?? readStoredConnectionString(connectionString.reveal())
  understood.set(found, read)
  return read
}

/** V8 compiles an expression anew when it is used a second time. */
const understood = new WeakMap<Stored, ConnectionString | Mistake>()

/** The endpoint of what is stored: the connection string's own, else the one that the state remembers. */
export function storedEndpoint(found: Stored): string | undefined {
  const read = storedConnectionString(found)
  return read === undefined || isMistake(read) ? found.state.issued.endpoint : read.endpoint
}

/** What is stored of a kind. */
export function storedValue(found: Stored, kind: ValueKind): Secret | undefined {
  switch (kind) {
    case 'connection-string':
      return found.connectionString
    case 'access-token':
      return found.accessToken
    case 'endpoint': {
      const endpoint = storedEndpoint(found)
      return endpoint === undefined ? undefined : new Secret(endpoint)
    }
    default:
      return kind satisfies never
  }
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

/** How the state identifies its token without holding it. */
export function digestOf(token: Secret): string {
  return `sha256:${sha256(token.reveal())}`
}

/** An empty list counts as none. */
export function nonEmpty<Item>(list: readonly Item[] | undefined): readonly Item[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list
}

/** Why a token is of no use any more. */
export type TokenEnd = 'expired' | 'revoked' | 'deleted'

/** Why the stored token is of no use; undefined where it is good, as far as is known. */
export function tokenEnd({ invalidated, expiresOn }: StoredToken, now: Date): TokenEnd | undefined {
  if (invalidated !== undefined) return invalidated
  return expiresOn !== undefined && expiresOn <= now ? 'expired' : undefined
}
