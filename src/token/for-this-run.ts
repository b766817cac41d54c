import { askService } from '../credentials/ask-service.ts'
import { findCredential } from '../credentials/obtain.ts'
import type { SourceOptions } from '../credentials/source.ts'
import { CliError, UsageError } from '../errors.ts'
import type { LookedFor } from '../platforms/look-for-stored.ts'
import { issueToken, type IssuedToken } from '../service/operations.ts'
import { formatDuration } from '../text/duration.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { Credential } from '../values/credential.ts'
import { parseIdentityId } from '../values/identity-id.ts'
import { DEFAULT_LIFETIME_MINUTES, parseLifetimeMinutes } from '../values/lifetime.ts'
import { DEFAULT_SCOPES, parseScopes, type Scope } from '../values/scopes.ts'
import { CONNECTION_STRING_NAME } from '../values/variable-name.ts'

/** What the command line says of a token that is issued for one run. */
export interface RunTokenOptions {
  readonly scope?: readonly string[]
  readonly expiresIn?: string
  readonly user?: string
}

/** What a command is handed that may have to do without a store. */
export interface RunContext extends Surroundings {
  readonly options: SourceOptions & RunTokenOptions & { readonly dryRun?: true }
}

/** What the service takes requests for, and a token that is stored nowhere. */
export interface RunPair {
  readonly credential: Credential
  /** Undefined in a dry run. */
  readonly issued: IssuedToken | undefined
  /** What was, or would be, asked of the service, in words. */
  readonly request: string
}

/**
 * Where nothing is stored: takes the connection string from the command line or the environment, and issues a token in
 * memory. Nothing is written, and no home is needed.
 *
 * @param neither the error where there is no connection string either
 */
export async function pairForThisRun(
  looked: Exclude<LookedFor, { kind: 'stored' }>,
  neither: () => CliError,
  context: RunContext,
): Promise<RunPair> {
  const { options, reporter } = context
  const wish = readWish(options)
  const credential = await findCredential({ options, first: 'environment', stored: undefined, next: 'works' }, context)
  if (credential === undefined) {
    throw looked.kind === 'no-store' ? alsoNoSource(looked.error) : (looked.noCurrent ?? neither())
  }
  if (looked.kind === 'no-store' && !EXPECTED.has(looked.error.code)) {
    reporter.note(`the token is for this run alone, since what is stored could not be read: ${looked.error.message}`)
  }
  const { scopes, lifetimeMinutes } = wish
  const request = `ask ${credential.host} for a token (${scopes.join(', ')}; for ${formatDuration(lifetimeMinutes * 60_000)})`
  if (options.dryRun) return { credential, issued: undefined, request }
  const issued = await askService(credential, context, (source, serviceOptions) =>
    issueToken(source, wish, serviceOptions),
  )
  reporter.detail(`Issued a token for ${issued.userId}; it is stored nowhere.`)
  return { credential, issued, request }
}

/** Throws where options are given that say something of a token to be issued, and one is stored already. */
export function refuseRunTokenOptions({ scope, expiresIn, user }: RunTokenOptions): void {
  const given = [
    scope !== undefined && '--scope',
    expiresIn !== undefined && '--expires-in',
    user !== undefined && '--user',
  ]
  const option = given.find((name) => name !== false)
  if (option === undefined) return
  throw new UsageError(`${option} is for a token that is issued for one run, and one is stored.`, {
    hint: `leave it out, or change the stored one with "acs-env refresh ${option} …"`,
  })
}

/** That there is no home is how things are in a container. */
const EXPECTED = new Set(['home', 'unsupported_system'])

interface RunWish {
  readonly scopes: readonly Scope[]
  readonly lifetimeMinutes: number
  readonly userId: string | undefined
}

function readWish({ scope, expiresIn, user }: RunTokenOptions): RunWish {
  return {
    scopes: scope === undefined ? DEFAULT_SCOPES : parseScopes(scope),
    lifetimeMinutes: expiresIn === undefined ? DEFAULT_LIFETIME_MINUTES : parseLifetimeMinutes(expiresIn),
    userId: user === undefined ? undefined : parseIdentityId(user),
  }
}

function alsoNoSource({ message, code, hint }: CliError): CliError {
  const before = hint === undefined ? '' : `${hint}, or `
  return new CliError(message, { code, hint: `${before}give the connection string in ${CONNECTION_STRING_NAME}` })
}
