import type { Options } from '../../args/options.ts'
import { UsageError } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import {
  requestedSecret,
  type Remembered,
  type Request,
  type State,
  type Stored,
  type StoredValue,
  type Variable,
} from '../../store/store.ts'
import { describeStoredToken, digestOf, nonEmpty, storedEndpoint } from '../../store/stored-token.ts'
import type { Environment } from '../../system/system.ts'
import type { ConnectionString } from '../../values/connection-string.ts'
import { parseIdentityId, resourceOf } from '../../values/identity-id.ts'
import { DEFAULT_LIFETIME_MINUTES, parseLifetimeMinutes } from '../../values/lifetime.ts'
import { DEFAULT_SCOPES, parseScopes, type Scope } from '../../values/scopes.ts'
import { readTokenClaims, type ObtainedToken } from '../../values/token-claims.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME, parseAlias } from '../../values/variable-name.ts'

/** What the user asked for, understood and free of contradictions. Undefined: not asked for. */
export interface Wish {
  readonly token: 'issued' | 'given' | 'none'
  /** False with --token-only: the access key is kept nowhere. */
  readonly keepsConnectionString: boolean
  readonly userId: string | undefined
  readonly newUser: boolean
  readonly scopes: readonly Scope[] | undefined
  readonly lifetimeMinutes: number | undefined
  readonly aliases: readonly string[]
}

/** What setup is going to do. */
export interface Decision {
  readonly connectionString: ConnectionString | undefined
  readonly keepsConnectionString: boolean
  readonly token: Wish['token']
  /** The identity to issue for; a new one where undefined. */
  readonly userId: string | undefined
  /** The identity was named by the user, so no other will do. */
  readonly userIsFixed: boolean
  readonly scopes: readonly Scope[]
  /** Neither given nor remembered. */
  readonly scopesAreDefault: boolean
  readonly lifetimeMinutes: number
  readonly variables: readonly Variable[]
  readonly otherResource: boolean
  /** Whether a given token belongs to the connection string cannot be told. */
  readonly isUnverified: boolean
}

/** Options that make no sense together with the one in front. */
const CONFLICTS: readonly (readonly [keyof Options, readonly (keyof Options)[]])[] = [
  ['noToken', ['tokenOnly', 'accessTokenStdin', 'scope', 'expiresIn', 'user', 'newUser']],
  ['accessTokenStdin', ['connectionStringStdin', 'scope', 'expiresIn', 'user', 'newUser']],
  ['newUser', ['user']],
  ['tokenOnly', ['as']],
]

/** Reads the options of setup. A value that will not do, or a contradiction, throws a `UsageError`. */
export function readWish(options: Options, env: Environment): Wish {
  for (const [option, others] of CONFLICTS) {
    const other = others.find((name) => options[name] !== undefined)
    if (options[option] !== undefined && other !== undefined) {
      throw new UsageError(`${spelled(option)} and ${spelled(other)} do not go together.`, {
        hint: 'leave one of them out',
      })
    }
  }
  return {
    token: options.noToken ? 'none' : options.accessTokenStdin ? 'given' : 'issued',
    keepsConnectionString: options.tokenOnly === undefined,
    userId: options.user === undefined ? undefined : parseIdentityId(options.user),
    newUser: options.newUser === true,
    scopes: options.scope === undefined ? undefined : parseScopes(options.scope),
    lifetimeMinutes: options.expiresIn === undefined ? undefined : parseLifetimeMinutes(options.expiresIn),
    aliases: (options.as ?? []).flatMap((names) => names.split(',')).map((name) => parseAlias(name.trim(), env)),
  }
}

/** A token that somebody else issued, judged by what it says of itself. */
export function readToken(token: Secret, now: Date): ObtainedToken {
  const fail = (message: string, hint: string): never => {
    throw new UsageError(message, { code: 'invalid_access_token', hint })
  }
  const claims =
    readTokenClaims(token.reveal()) ??
    fail('What was given is not a whole access token.', 'it begins with eyJ and has three parts joined by dots')
  if (claims.expiresOn <= now) fail('The access token has expired.', 'have a new one issued')
  return { token, userId: claims.userId, scopes: claims.scopes, expiresOn: claims.expiresOn, isNew: false }
}

/** Decides from the wish, the connection string and what is stored. */
export function decide(
  wish: Wish,
  connectionString: ConnectionString | undefined,
  stored: Stored,
  givenToken: ObtainedToken | undefined,
): Decision {
  const known = knownOf(stored)
  const sameResource = connectionString !== undefined && storedEndpoint(stored) === connectionString.endpoint
  const remembered = sameResource ? known : {}
  const keepsConnectionString = wish.keepsConnectionString && connectionString !== undefined
  const isPair = givenToken !== undefined && keepsConnectionString
  const belongs = isPair ? tokenBelongs(givenToken, known.userId, sameResource) : true
  if (belongs === false) throw otherResource()
  return {
    connectionString,
    keepsConnectionString,
    token: wish.token,
    userId: wish.userId ?? (wish.newUser ? undefined : remembered.userId),
    userIsFixed: wish.userId !== undefined,
    scopes: wish.scopes ?? remembered.scopes ?? DEFAULT_SCOPES,
    scopesAreDefault: wish.scopes === undefined && remembered.scopes === undefined,
    lifetimeMinutes: wish.lifetimeMinutes ?? remembered.lifetimeMinutes ?? DEFAULT_LIFETIME_MINUTES,
    variables: [
      ...(keepsConnectionString ? connectionStringVariables(wish, stored.state) : []),
      ...(wish.token === 'none' ? [] : [{ name: ACCESS_TOKEN_NAME, value: 'access-token' } as const]),
    ],
    otherResource: !sameResource,
    isUnverified: belongs === undefined,
  }
}

/**
 * What the store is asked for, once the token is there or while it is still to come.
 *
 * @param noted what else is to be remembered
 */
export function requestFor(
  decision: Decision,
  stored: Stored,
  obtained: ObtainedToken | 'to-come' | undefined,
  noted: Pick<Remembered, 'createdDirectories' | 'renewedAt'> = {},
): Request {
  const { connectionString, keepsConnectionString, variables, otherResource, lifetimeMinutes, scopes, userId } =
    decision
  const token = obtained === 'to-come' || obtained === undefined ? undefined : obtained
  const isGiven = decision.token === 'given'
  return {
    connectionString: keepsConnectionString ? connectionString?.secret : undefined,
    accessToken: decision.token === 'none' ? undefined : (token?.token ?? 'to-come'),
    variables,
    earlier: stored.state,
    remember: {
      endpoint: connectionString?.endpoint,
      userId: token?.userId ?? (isGiven ? undefined : userId),
      scopes: isGiven ? nonEmpty(token?.scopes) : scopes,
      lifetimeMinutes: isGiven ? undefined : lifetimeMinutes,
      expiresOn: token?.expiresOn.toISOString(),
      tokenDigest: token === undefined ? undefined : digestOf(token.token),
      ...noted,
    },
    otherResource,
  }
}

/** The names of the values that were stored and are not to be any more. */
export function removedNames(stored: Stored, request: Request): readonly string[] {
  const values = [
    [CONNECTION_STRING_NAME, stored.connectionString, request.connectionString],
    [ACCESS_TOKEN_NAME, stored.accessToken, request.accessToken],
  ] as const
  return values.flatMap(([name, before, after]) => (before !== undefined && after === undefined ? [name] : []))
}

/** Each variable that is stored, with its value. */
export function storedValues(request: Request): readonly StoredValue[] {
  return request.variables.flatMap(({ name, value }) => {
    const secret = requestedSecret(request, value)
    return secret === undefined ? [] : [{ name, secret }]
  })
}

function spelled(option: keyof Options): string {
  return `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function connectionStringVariables({ aliases }: Wish, { variables = [] }: State): readonly Variable[] {
  // A name that was asked for once stays until "unset": a program reads it.
  const earlier = variables.filter(({ value }) => value === 'connection-string').map(({ name }) => name)
  const names = new Set([CONNECTION_STRING_NAME, ...earlier, ...aliases])
  return [...names].map((name) => ({ name, value: 'connection-string' }))
}

/** What is known of the resource that the stored values belong to. */
interface Known {
  readonly userId?: string | undefined
  readonly scopes?: readonly Scope[] | undefined
  readonly lifetimeMinutes?: number | undefined
}

function knownOf(stored: Stored): Known {
  const { endpoint } = stored.state
  // The state is written last, so after a run that broke off it may still speak of another resource.
  const isCurrent = endpoint === undefined || endpoint === storedEndpoint(stored)
  const trusted = isCurrent ? stored : { ...stored, state: {} }
  const token = describeStoredToken(trusted)
  return {
    userId: token?.userId ?? trusted.state.userId,
    scopes: token?.scopes ?? nonEmpty(trusted.state.scopes),
    lifetimeMinutes: trusted.state.lifetimeMinutes,
  }
}

/** Whether a given token is one of the connection string's resource; undefined where there is nothing to tell by. */
function tokenBelongs(given: ObtainedToken, knownUser: string | undefined, sameResource: boolean): boolean | undefined {
  const [token, known] = [resourceOf(given.userId), resourceOf(knownUser)]
  if (token === undefined || known === undefined) return undefined
  if (sameResource) return token === known
  // Known is another resource than the one to be stored: the token is not to be of that one.
  return token === known ? false : undefined
}

function otherResource(): UsageError {
  return new UsageError('The access token belongs to another resource than the connection string.', {
    code: 'other_resource',
    hint: 'store it alone with --token-only, or give its own connection string',
  })
}
