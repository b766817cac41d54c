import { setTimeout as sleep } from 'node:timers/promises'
import type { CommunicationIdentityClient, TokenScope } from '@azure/communication-identity'
import { CancelledError } from '../errors.ts'
import { isLoopback, type ConnectionString } from '../inputs/connection-string.ts'
import type { Scope } from '../inputs/scopes.ts'
import { Secret } from '../secret.ts'
import type { Environment } from '../system/system.ts'
import { explainFailure } from './service-errors.ts'
import { readFailure, type Failure } from './service-failure.ts'

/** A token as the service issued it. */
export interface IssuedToken {
  readonly token: Secret
  readonly userId: string
  /** To the millisecond; the service's own value has four digits more. */
  readonly expiresOn: Date
}

export interface IssueRequest {
  /** A new identity where absent. */
  readonly userId: string | undefined
  readonly scopes: readonly Scope[]
  readonly lifetimeMinutes: number
}

export interface IssuerOptions {
  readonly env: Environment
  readonly signal: AbortSignal
  readonly now: () => Date
  /** Called before each further attempt, with the reason in a word or two. */
  readonly onRetry?: (reason: string) => void
}

/** For all attempts and the waits between them; with start-up and exit every failure is told within 15 s. */
const BUDGET_MS = 12_000
const RETRY_DELAYS_MS = [250, 1_000, 2_000]

/**
 * Issues a token through the official SDK. One request, also where the identity is new. What fails in passing is tried
 * again while the time allows; every failure is a `CliError` that says what to do, never built from a secret.
 */
export async function issueToken(
  connectionString: ConnectionString,
  request: IssueRequest,
  options: IssuerOptions,
): Promise<IssuedToken> {
  const deadline = performance.now() + BUDGET_MS
  const client = await createClient(connectionString, options)
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await attemptIssue(client, request, options.signal, deadline - performance.now())
    if (!('failure' in outcome)) return outcome
    const { failure } = outcome
    if (options.signal.aborted) throw new CancelledError()
    const delayMs = retryDelayMs(failure, attempt, request.userId === undefined)
    if (delayMs === undefined || performance.now() + delayMs >= deadline) {
      throw explainFailure(failure, { connectionString, env: options.env, userId: request.userId, now: options.now() })
    }
    options.onRetry?.(failure.code ?? String(failure.status ?? 'no answer'))
    await pause(delayMs, options.signal)
  }
}

async function createClient(
  { endpoint, secret }: ConnectionString,
  { env, now, signal }: IssuerOptions,
): Promise<CommunicationIdentityClient> {
  signal.throwIfAborted()
  const { CommunicationIdentityClient } = await import('@azure/communication-identity')
  try {
    return new CommunicationIdentityClient(secret.reveal(), {
      allowInsecureConnection: isLoopback(new URL(endpoint).hostname),
      // Its own retries wait without limit for a Retry-After, and five seconds to report a refused connection.
      retryOptions: { maxRetries: 0 },
      // A redirect would hand the request to a host that the user never named.
      redirectOptions: { maxRetries: 0 },
    })
  } catch (error) {
    // The connection string has been judged, so what is left to fail is the proxy's address.
    throw explainFailure(readFailure(error), {
      connectionString: { endpoint, secret, host: new URL(endpoint).host },
      env,
      userId: undefined,
      now: now(),
    })
  }
}

async function attemptIssue(
  client: CommunicationIdentityClient,
  { userId, scopes, lifetimeMinutes }: IssueRequest,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<IssuedToken | { readonly failure: Failure }> {
  const timeout = AbortSignal.timeout(Math.max(Math.round(timeoutMs), 1))
  const options = { tokenExpiresInMinutes: lifetimeMinutes, abortSignal: AbortSignal.any([signal, timeout]) }
  const tokenScopes: TokenScope[] = [...scopes]
  try {
    const answer =
      userId === undefined
        ? await client.createUserAndToken(tokenScopes, options)
        : {
            user: { communicationUserId: userId },
            ...(await client.getToken({ communicationUserId: userId }, tokenScopes, options)),
          }
    return readAnswer(answer)
  } catch (error) {
    return { failure: timeout.aborted ? { kind: 'timeout' } : readFailure(error) }
  }
}

/** The SDK passes on what came, whatever its types promise: an answer can lack the token. */
function readAnswer(answer: {
  readonly token?: string
  readonly expiresOn?: Date
  readonly user: { readonly communicationUserId?: string }
}): IssuedToken | { readonly failure: Failure } {
  const { token, expiresOn, user } = answer
  const isWhole =
    typeof token === 'string' &&
    /^[\x21-\x7E]+$/.test(token) &&
    expiresOn instanceof Date &&
    !Number.isNaN(expiresOn.getTime()) &&
    typeof user.communicationUserId === 'string' &&
    user.communicationUserId !== ''
  if (!isWhole) return { failure: { kind: 'malformed' } }
  return { token: new Secret(token), userId: user.communicationUserId, expiresOn }
}

/** How long to wait before the next attempt, or undefined where another one makes no sense. */
function retryDelayMs(failure: Failure, attempt: number, createsIdentity: boolean): number | undefined {
  const delayMs = RETRY_DELAYS_MS[attempt]
  if (delayMs === undefined) return undefined
  if (failure.retryAfterMs !== undefined) return failure.retryAfterMs
  // A host that refuses is told within a second: one more attempt, for a server that is just starting.
  if (failure.kind === 'refused') return attempt === 0 ? delayMs : undefined
  // The connection broke after the request was sent: the identity may exist, and a second one is not to be made.
  if (failure.kind === 'broken') return createsIdentity ? undefined : delayMs
  const passing = failure.status !== undefined && [408, 429, 500, 502, 503, 504].includes(failure.status)
  return passing || failure.kind === 'name-server' ? Math.max(delayMs, failure.status === 429 ? 1_000 : 0) : undefined
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal })
  } catch {
    throw new CancelledError()
  }
}
