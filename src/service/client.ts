import { setTimeout as sleep } from 'node:timers/promises'
import type { CommunicationIdentityClient, CommunicationIdentityClientOptions } from '@azure/communication-identity'
import { CancelledError, CliError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { Environment } from '../system/system.ts'
import { isLoopback } from '../values/connection-string.ts'
import type { Credential } from '../values/credential.ts'
import { beginConnection, type Connection } from './connection.ts'
import { explainUnusableProxy } from './explain-proxy.ts'
import { explainClaimsChallenge, explainFailure } from './explain.ts'
import { readDate, readFailure, type Failure, type TokenFailure } from './failure.ts'
import { readRoute } from './proxy.ts'
import { beginTimeLimit } from './time-limit.ts'

export interface ServiceOptions {
  readonly env: Environment
  readonly signal: AbortSignal
  readonly now: () => Date
  /** `22.19.0`. */
  readonly nodeVersion: string
  /** A clock that nobody sets. */
  readonly elapsedMs: () => number
  /** On that clock: when every attempt, and every other request of the same command, has to be over. */
  readonly deadlineMs: number
  /** Called before each further attempt, with the reason in a word or two. */
  readonly onRetry?: (reason: string) => void
  /** Called once the request is on its way: what takes time and does not need the answer is best begun then. */
  readonly onSent?: () => void
}

/** One thing to ask of the service. */
export interface Operation<Answer> {
  /** Makes an identity: not to be repeated where it may have been made. */
  readonly createsIdentity: boolean
  /** What to say where it was cancelled once it was under way: "whether … is not known". */
  readonly doubt?: string
  perform(
    client: CommunicationIdentityClient,
    options: { readonly abortSignal: AbortSignal },
    clocks: Clocks,
  ): Promise<Answer | Unusable>
}

/** What an answer is, where it is no use although the service reported no error. */
export type Unusable = { readonly kind: 'malformed' } | TokenFailure

/** To judge times by. */
export interface Clocks {
  readonly now: () => Date
  /** The `Date` of the latest answer. */
  readonly serviceDate: () => Date | undefined
}

const RETRY_DELAYS_MS = [250, 1_000, 2_000]
const PASSING_STATUSES = [408, 429, 500, 502, 503, 504]
/** A hundred times the longest answer. */
const MAX_ANSWER_BYTES = 1024 * 1024

/**
 * Asks the service through the official SDK. What fails in passing is tried again while the time allows; every failure
 * is a `CliError` that says what to do, never built from a secret.
 */
export async function callService<Answer extends object>(
  credential: Credential,
  operation: Operation<Answer>,
  options: ServiceOptions,
): Promise<Answer> {
  const { env, signal, now, nodeVersion, elapsedMs, onRetry, onSent } = options
  const { host } = credential
  const endpoint = new URL(credential.endpoint)
  const isLocal = isLoopback(endpoint.hostname)
  const route = readRoute(endpoint, env)
  if (route.kind === 'unusable-proxy') throw explainUnusableProxy(route)
  const explain = (failure: Failure): Error =>
    explainFailure(failure, { host, isLocal, route, env, now: now(), nodeVersion, signsWith: credential.kind })
  const startedMs = elapsedMs()
  const key = await keyFor(credential)
  // Who gets the Entra token has a deadline of its own.
  const deadlineMs = options.deadlineMs + elapsedMs() - startedMs
  const proxy = route.kind === 'proxy' ? route : undefined
  const connection = beginConnection(endpoint, proxy, onSent)
  try {
    await connection.greeted
    const { client, serviceDate } = await createClient(key, connection, isLocal)
    if (signal.aborted) throw new CancelledError()
    const attempt: Attempt<Answer> = {
      perform: (abortSignal) => operation.perform(client, { abortSignal }, { now, serviceDate }),
      connection,
      isProxied: proxy !== undefined,
    }
    let mayBeDone = false
    for (let count = 0; ; count += 1) {
      const outcome = await attemptOnce(attempt, signal, deadlineMs - elapsedMs())
      if ('answer' in outcome) return outcome.answer
      const { failure } = outcome
      if (signal.aborted) throw new CancelledError(operation.doubt)
      mayBeDone ||= mayBeSent(failure)
      const delayMs = retryDelayMs(failure, count, operation.createsIdentity)
      if (delayMs === undefined || elapsedMs() + delayMs >= deadlineMs) throw explain(failure)
      onRetry?.(reasonOf(failure))
      await pause(delayMs, signal, mayBeDone ? operation.doubt : undefined)
    }
  } finally {
    connection.end()
  }
}

/** What the SDK takes: a connection string, or an endpoint and what gets a token for it. */
type SdkKey =
  | { readonly kind: 'connection-string'; readonly secret: Secret }
  | { readonly kind: 'token'; readonly endpoint: string; readonly credential: TokenCredential }

type TokenCredential = Extract<ConstructorParameters<typeof CommunicationIdentityClient>[1], { getToken: unknown }>

/** The Entra token is there before the SDK asks for it, which would not wait for long. */
async function keyFor(credential: Credential): Promise<SdkKey> {
  if (credential.kind === 'access-key') return { kind: 'connection-string', secret: credential.secret }
  const { token, expiresOn } = await credential.token()
  const getToken: TokenCredential['getToken'] = async (_scopes, options) => {
    if (options?.claims !== undefined) throw explainClaimsChallenge(credential.host)
    return { token: token.reveal(), expiresOnTimestamp: expiresOn.getTime() }
  }
  return { kind: 'token', endpoint: credential.endpoint, credential: { getToken } }
}

async function createClient(
  key: SdkKey,
  { agent }: Connection,
  isLocal: boolean,
): Promise<{ readonly client: CommunicationIdentityClient; readonly serviceDate: () => Date | undefined }> {
  const { CommunicationIdentityClient } = await import('@azure/communication-identity')
  let serviceDate: Date | undefined
  const noteDate: Policy = {
    name: 'note-date',
    sendRequest: async (request, next) => {
      const response = await next(request)
      serviceDate = readDate(response.headers.get('date'))
      return response
    },
  }
  const options: CommunicationIdentityClientOptions = {
    allowInsecureConnection: isLocal,
    // Its own retries wait without limit for a Retry-After, and five seconds to report a refused connection.
    retryOptions: { maxRetries: 0 },
    // A redirect would hand the request to a host that the user never named.
    redirectOptions: { maxRetries: 0 },
    // With an agent of ours the SDK looks for no proxy.
    agent,
    additionalPolicies: [shortAnswers, noteDate].map((policy) => ({ position: 'perRetry' as const, policy })),
  }
  const client =
    key.kind === 'token'
      ? new CommunicationIdentityClient(key.endpoint, key.credential, options)
      : new CommunicationIdentityClient(key.secret.reveal(), options)
  return { client, serviceDate: () => serviceDate }
}

type Policy = NonNullable<CommunicationIdentityClientOptions['additionalPolicies']>[number]['policy']

/** Reads an answer up to a length; the SDK by itself reads and unpacks without a limit. */
const shortAnswers: Policy = {
  name: 'short-answers',
  sendRequest: async (request, next) => {
    request.headers.delete('accept-encoding')
    request.streamResponseStatusCodes = new Set([Infinity])
    const response = await next(request)
    response.bodyAsText = await readText(response.readableStreamBody as AsyncIterable<Buffer>)
    return response
  },
}

async function readText(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > MAX_ANSWER_BYTES) throw new TypeError('The answer is too long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

interface Attempt<Answer> {
  readonly perform: (signal: AbortSignal) => Promise<Answer | Unusable>
  readonly connection: Connection
  readonly isProxied: boolean
}

async function attemptOnce<Answer extends object>(
  { perform, connection, isProxied }: Attempt<Answer>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<{ readonly answer: Answer } | { readonly failure: Failure }> {
  const limit = beginTimeLimit(signal, timeoutMs)
  // Node forgets a request whose answer changes the protocol: then only this ends the wait, and the timer keeps us here.
  const stopped = new Promise<never>((_, reject) => limit.signal.addEventListener('abort', reject))
  try {
    const answer = await Promise.race([perform(limit.signal), stopped])
    return isUnusable(answer) ? { failure: answer } : { answer }
  } catch (error) {
    // Of our own, from within: the SDK hands it on as it is.
    if (error instanceof CliError) throw error
    if (limit.isOver()) return { failure: timedOut(connection) }
    return { failure: connection.failure() ?? readFailure(error, isProxied) }
  } finally {
    limit.end()
  }
}

function isUnusable(answer: object): answer is Unusable {
  return 'kind' in answer
}

function timedOut(connection: Connection): Failure {
  const waitsFor = connection.waitsFor()
  const peer = waitsFor === 'answer' ? 'service' : waitsFor
  return { kind: 'network', trouble: 'timeout', peer, mayBeSent: waitsFor === 'answer', code: undefined }
}

/** Whether the service may have got the request and done it. */
function mayBeSent(failure: Failure): boolean {
  if (failure.kind === 'network') return failure.mayBeSent
  return failure.kind !== 'proxy-answer'
}

/** For --verbose, in a word. */
function reasonOf(failure: Failure): string {
  if ('status' in failure) return String(failure.status)
  return ('code' in failure ? failure.code : undefined) ?? 'no answer'
}

/** How long to wait before the next attempt, or undefined where another one makes no sense. */
function retryDelayMs(failure: Failure, count: number, createsIdentity: boolean): number | undefined {
  const delayMs = RETRY_DELAYS_MS[count]
  if (delayMs === undefined || !mayPass(failure, createsIdentity)) return undefined
  // Refused is reported within a second: one more attempt, for a server that is just starting.
  if (failure.kind === 'network' && failure.trouble === 'refused' && count > 0) return undefined
  const askedMs = 'retryAfterMs' in failure ? failure.retryAfterMs : undefined
  const isThrottled = 'status' in failure && failure.status === 429
  return Math.max(delayMs, askedMs ?? (isThrottled ? 1_000 : 0))
}

/** Whether it may be over at the next attempt. An identity that may have been made is not to be made again. */
function mayPass(failure: Failure, createsIdentity: boolean): boolean {
  switch (failure.kind) {
    case 'network':
      return (
        ['refused', 'name-server', 'broken', 'timeout'].includes(failure.trouble) &&
        !(failure.mayBeSent && (createsIdentity || failure.trouble === 'timeout'))
      )
    case 'proxy-answer':
      return PASSING_STATUSES.includes(failure.status)
    case 'answer':
    case 'intermediary':
    case 'malformed':
      // These two say that nothing was done; a gateway says the others also where the service was done.
      return (createsIdentity ? [429, 503] : PASSING_STATUSES).includes(failure.status ?? 0)
    case 'certificate':
    case 'proxy-garbage':
    case 'redirect':
    case 'token':
      return false
  }
}

async function pause(delayMs: number, signal: AbortSignal, doubt: string | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal })
  } catch {
    throw new CancelledError(doubt)
  }
}
