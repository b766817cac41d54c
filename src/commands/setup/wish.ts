import type { OptionsOf } from '../../args/command-options.ts'
import { requireCompatible } from '../../args/compatible.ts'
import { UsageError } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import type { System } from '../../system/system.ts'
import { parseIdentityId } from '../../values/identity-id.ts'
import { parseLifetimeMinutes } from '../../values/lifetime.ts'
import { findAccessToken } from '../../values/pasted/access-token-in-text.ts'
import { parseResourceName } from '../../values/resource-name.ts'
import { parseScopes, type Scope } from '../../values/scopes.ts'
import { readTokenClaims, type ObtainedToken } from '../../values/token-claims.ts'
import { parseAlias } from '../../values/variable-name.ts'

type SetupOptions = OptionsOf<'setup'>

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
  /** The endpoint is stored by itself, too. */
  readonly withEndpoint: boolean
  /** Of the resource that is meant; undefined for the current one. */
  readonly name: string | undefined
}

/** Options that make no sense together with the one in front. */
const CONFLICTS: readonly (readonly [keyof SetupOptions, readonly (keyof SetupOptions)[]])[] = [
  ['noToken', ['tokenOnly', 'accessTokenStdin', 'scope', 'expiresIn', 'user', 'newUser', 'endpoint']],
  ['accessTokenStdin', ['connectionStringStdin', 'endpoint', 'scope', 'expiresIn', 'user', 'newUser']],
  ['newUser', ['user']],
  ['tokenOnly', ['as']],
  // Entra ID has no connection string that could be stored.
  ['endpoint', ['as']],
  ['dotenv', ['rcFile', 'inline', 'shell']],
]

/** Reads the options of setup. A value that will not do, or a contradiction, throws a `UsageError`. */
export function readWish(options: SetupOptions, { env, platform }: Pick<System, 'env' | 'platform'>): Wish {
  for (const [option, others] of CONFLICTS) requireCompatible(options, option, others)
  if (options.force && options.dotenv === undefined) {
    throw new UsageError('--force is for --dotenv.', { hint: 'for no questions, give --yes' })
  }
  return {
    token: options.noToken ? 'none' : options.accessTokenStdin ? 'given' : 'issued',
    keepsConnectionString: options.tokenOnly === undefined,
    userId: options.user === undefined ? undefined : parseIdentityId(options.user),
    newUser: options.newUser === true,
    scopes: options.scope === undefined ? undefined : parseScopes(options.scope),
    lifetimeMinutes: options.expiresIn === undefined ? undefined : parseLifetimeMinutes(options.expiresIn),
    aliases: (options.as ?? []).flatMap((names) => names.split(',')).map((name) => parseAlias(name.trim(), env)),
    withEndpoint: options.withEndpoint === true,
    name: options.name === undefined ? undefined : parseResourceName(options.name, platform),
  }
}

/** Finds a token that somebody else issued in the pasted text, and judges it by its own claims. */
export function readToken(text: string, now: Date): ObtainedToken {
  const fail = (message: string, hint: string): never => {
    throw new UsageError(message, { code: 'invalid_access_token', hint })
  }
  const found = findAccessToken(text)
  if (found.kind === 'several') fail('There is more than one access token in what was given.', 'give one alone')
  const token = new Secret(found.kind === 'token' ? found.text : text.trim())
  const claims =
    readTokenClaims(token.reveal()) ??
    fail('What was given is not a whole access token.', 'it begins with eyJ and has three parts joined by dots')
  if (claims.expiresOn <= now) fail('The access token has expired.', 'have a new one issued')
  return { token, userId: claims.userId, scopes: claims.scopes, expiresOn: claims.expiresOn, isNew: false }
}
