import type { ChosenCredential } from '../../credentials/source.ts'
import { UsageError } from '../../errors.ts'
import { identitiesAfter } from '../../store/identities.ts'
import { requestedValue, type StoreRequest, type ToCome } from '../../store/plan.ts'
import { describeStoredToken, digestOf, isDeletedIdentity, nonEmpty, storedEndpoint } from '../../store/stored-token.ts'
import {
  NO_STATE,
  type KnownIdentity,
  type State,
  type Stored,
  type StoredValue,
  type Variable,
} from '../../store/stored.ts'
import { connectionStringOf } from '../../values/credential.ts'
import { resourceOf } from '../../values/identity-id.ts'
import { DEFAULT_LIFETIME_MINUTES } from '../../values/lifetime.ts'
import { DEFAULT_SCOPES, type Scope } from '../../values/scopes.ts'
import type { ObtainedToken } from '../../values/token-claims.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME, ENDPOINT_NAME } from '../../values/variable-name.ts'
import type { Target } from './target.ts'
import type { Wish } from './wish.ts'

/** What setup is going to do. */
export interface Decision {
  readonly credential: ChosenCredential | undefined
  readonly keepsConnectionString: boolean
  readonly token: Wish['token']
  /** The identity to issue for; a new one where undefined. */
  readonly userId: string | undefined
  /** The remembered identity, where it was deleted and a new one takes its place. */
  readonly deletedUserId: string | undefined
  /** The identity was named by the user, so no other will do. */
  readonly userIsFixed: boolean
  readonly scopes: readonly Scope[]
  /** Neither given nor remembered. */
  readonly scopesAreDefault: boolean
  readonly lifetimeMinutes: number
  readonly variables: readonly Variable[]
  readonly otherResource: boolean
  /** It is not known whether a given token belongs to the connection string. */
  readonly isUnverified: boolean
}

/** Decides from the wish, the credential and what is stored. */
export function decide(
  wish: Wish,
  credential: ChosenCredential | undefined,
  stored: Stored,
  givenToken: ObtainedToken | undefined,
): Decision {
  const known = knownOf(stored)
  const sameResource = credential !== undefined && storedEndpoint(stored) === credential.endpoint
  const remembered = sameResource ? known : knownOfEndpoint(credential?.endpoint, stored)
  const keepsConnectionString = wish.keepsConnectionString && credential?.kind === 'access-key'
  const isPair = givenToken !== undefined && keepsConnectionString
  const belongs = isPair ? tokenBelongs(givenToken, known.userId ?? known.deletedUserId, sameResource) : true
  if (belongs === false) throw otherResource()
  return {
    credential,
    keepsConnectionString,
    token: wish.token,
    userId: wish.userId ?? (wish.newUser ? undefined : remembered.userId),
    deletedUserId: wish.userId === undefined && !wish.newUser ? remembered.deletedUserId : undefined,
    userIsFixed: wish.userId !== undefined,
    scopes: wish.scopes ?? remembered.scopes ?? DEFAULT_SCOPES,
    scopesAreDefault: wish.scopes === undefined && remembered.scopes === undefined,
    lifetimeMinutes: wish.lifetimeMinutes ?? remembered.lifetimeMinutes ?? DEFAULT_LIFETIME_MINUTES,
    variables: [
      ...(keepsConnectionString ? connectionStringVariables(wish, stored.state) : []),
      ...(hasEndpoint(wish, credential, stored.state) ? [{ name: ENDPOINT_NAME, value: 'endpoint' } as const] : []),
      ...(wish.token === 'none' ? [] : [{ name: ACCESS_TOKEN_NAME, value: 'access-token' } as const]),
    ],
    otherResource: !sameResource,
    isUnverified: belongs === undefined,
  }
}

/** What else to remember. */
export interface Noted {
  readonly createdDirectories: readonly string[]
  /** ISO 8601, UTC. */
  readonly renewedAt: string | undefined
}

/**
 * What the store is asked for.
 *
 * @param obtained the token, or that it is still to come; undefined where none will be stored
 */
export function requestFor<Missing extends ToCome>(
  decision: Decision,
  target: Target,
  obtained: ObtainedToken | Missing | undefined,
  { createdDirectories, renewedAt }: Noted,
): StoreRequest<Missing> {
  const { credential, keepsConnectionString, variables, otherResource, lifetimeMinutes, scopes, userId } = decision
  const token = typeof obtained === 'string' ? undefined : obtained
  const isGiven = decision.token === 'given'
  return {
    connectionString: keepsConnectionString ? connectionStringOf(credential) : undefined,
    accessToken: typeof obtained === 'string' ? obtained : obtained?.token,
    variables,
    earlier: target.current,
    issued: {
      endpoint: credential?.endpoint,
      userId: token?.userId ?? (isGiven ? undefined : userId),
      scopes: isGiven ? nonEmpty(token?.scopes) : scopes,
      lifetimeMinutes: isGiven ? undefined : lifetimeMinutes,
      expiresOn: token?.expiresOn.toISOString(),
      tokenDigest: token === undefined ? undefined : digestOf(token.token),
      renewedAt,
      source: isGiven || keepsConnectionString ? undefined : credential?.source,
    },
    createdDirectories,
    otherResource: otherResource || target.switch !== undefined,
    remembered: {
      name: target.name,
      identities: identitiesFor(target, otherResource, credential?.endpoint),
      invalidated: undefined,
      seen: undefined,
    },
    switch: target.switch,
  }
}

/**
 * The identities of endpoints that are not stored any more. The identity of the new endpoint is in the state already.
 */
function identitiesFor(
  { own }: Target,
  otherResource: boolean,
  endpoint: string | undefined,
): readonly KnownIdentity[] {
  const before = own.state.issued.endpoint
  // The values may be those of the new one already, where an earlier run broke off.
  const isReplaced = otherResource || (endpoint !== undefined && before !== undefined && before !== endpoint)
  const known = isReplaced ? identitiesAfter(own) : own.state.identities
  return known.filter((identity) => identity.endpoint !== endpoint)
}

/** The names whose values are stored now, and will not be stored any more. */
export function removedNames(stored: Stored, request: StoreRequest): readonly string[] {
  const values = [
    [CONNECTION_STRING_NAME, stored.connectionString, request.connectionString],
    [ACCESS_TOKEN_NAME, stored.accessToken, request.accessToken],
  ] as const
  return values.flatMap(([name, before, after]) => (before !== undefined && after === undefined ? [name] : []))
}

/** Each variable that is stored, with its value. */
export function storedValues(request: StoreRequest): readonly StoredValue[] {
  return request.variables.flatMap(({ name, value }) => {
    const secret = requestedValue(request, value)
    return secret === undefined ? [] : [{ name, secret }]
  })
}

function connectionStringVariables({ aliases }: Wish, { variables }: State): readonly Variable[] {
  // A name that was asked for once stays until "unset": a program reads it.
  const earlier = variables.filter(({ value }) => value === 'connection-string').map(({ name }) => name)
  const names = new Set([CONNECTION_STRING_NAME, ...earlier, ...aliases])
  return [...names].map((name) => ({ name, value: 'connection-string' }))
}

/** Once asked for, it stays, as a further name does. For a token alone whose resource nobody named, it is not known. */
function hasEndpoint({ withEndpoint }: Wish, credential: ChosenCredential | undefined, { variables }: State): boolean {
  return credential !== undefined && (withEndpoint || variables.some(({ value }) => value === 'endpoint'))
}

/** What is known of the resource that the stored values belong to. */
interface Known {
  readonly userId?: string | undefined
  readonly deletedUserId?: string | undefined
  readonly scopes?: readonly Scope[] | undefined
  readonly lifetimeMinutes?: number | undefined
}

function knownOf(stored: Stored): Known {
  const { endpoint } = stored.state.issued
  // The state is written last, so after a run that broke off it may still speak of another resource.
  const isCurrent = endpoint === undefined || endpoint === storedEndpoint(stored)
  const trusted = isCurrent ? stored : { ...stored, state: NO_STATE }
  const token = describeStoredToken(trusted)
  const userId = token?.userId ?? trusted.state.issued.userId
  const isDeleted = isDeletedIdentity(trusted.state, userId)
  return {
    userId: isDeleted ? undefined : userId,
    deletedUserId: isDeleted ? userId : undefined,
    scopes: token?.scopes ?? nonEmpty(trusted.state.issued.scopes),
    lifetimeMinutes: trusted.state.issued.lifetimeMinutes,
  }
}

/** What is known of a resource that was stored before. */
function knownOfEndpoint(endpoint: string | undefined, { state: { identities } }: Stored): Known {
  return endpoint === undefined ? {} : (identities.find((identity) => identity.endpoint === endpoint) ?? {})
}

/** Whether a given token is one of the connection string's resource; undefined where nothing shows it. */
function tokenBelongs(given: ObtainedToken, knownUser: string | undefined, sameResource: boolean): boolean | undefined {
  const [token, known] = [resourceOf(given.userId), resourceOf(knownUser)]
  if (token === undefined || known === undefined) return undefined
  if (sameResource) return token === known
  // What is known is about another resource than the one to store, so the token must not be of that one.
  return token === known ? false : undefined
}

function otherResource(): UsageError {
  return new UsageError('The access token belongs to another resource than the connection string.', {
    code: 'other_resource',
    hint: 'store it alone with --token-only, or give its own connection string',
  })
}
