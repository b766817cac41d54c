import type { Agent } from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CommunicationIdentityClient, CommunicationIdentityClientOptions } from '@azure/communication-identity'
import { CancelledError } from '../errors.ts'
import type { Environment } from '../system/system.ts'
import { isLoopback, type ConnectionString } from '../values/connection-string.ts'
import { explainFailure } from './explain.ts'
import { readFailure, type Failure } from './failure.ts'
import { beginConnection, firstProxyVariable, proxyVariable, type Connection } from './preconnect.ts'

export interface ServiceOptions {
  readonly env: Environment
  readonly signal: AbortSignal
  readonly now: () => Date
  /** A clock that nobody sets. */
  readonly elapsedMs: () => number
  /** On that clock: when every attempt, and every other request of the same command, has to be over. */
  readonly deadlineMs: number
  /** Called before each further attempt, with the reason in a word or two. */
  readonly onRetry?: (reason: string) => void
}

/** One thing to ask of the service. */
export interface Operation<Answer> {
  /** Makes an identity: not to be repeated where it may have been made. */
  readonly createsIdentity: boolean
  /** The identity it is about, for the error that says it is not there. */
  readonly userId?: string | undefined
  /** What to say where it was cancelled once it was under way: "whether … is not known". */
  readonly doubt?: string
  perform(
    client: CommunicationIdentityClient,
    options: { readonly abortSignal: AbortSignal },
  ): Promise<Answer | 'malformed'>
}

const RETRY_DELAYS_MS = [250, 1_000, 2_000]
/** A hundred times the longest answer. */
const MAX_ANSWER_BYTES = 1024 * 1024

/**
 * Asks the service through the official SDK. What fails in passing is tried again while the time allows; every failure
 * is a `CliError` that says what to do, never built from a secret.
 */
export async function callService<Answer extends object>(
  connectionString: ConnectionString,
  operation: Operation<Answer>,
  options: ServiceOptions,
): Promise<Answer> {
  const { env, signal, now, elapsedMs, deadlineMs, onRetry } = options
  const explain = (failure: Failure): Error =>
    explainFailure(failure, { connectionString, env, userId: operation.userId, now: now() })
  const connection = beginConnection(connectionString.endpoint, env)
  try {
    const client = await createClient(connectionString, connection, options, explain)
    let mayBeDone = false
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await attemptOnce(client, operation, signal, deadlineMs - elapsedMs())
      if ('answer' in outcome) return outcome.answer
      const { failure } = outcome
      if (signal.aborted) throw new CancelledError(operation.doubt)
      mayBeDone ||= failure.kind !== 'refused' && failure.kind !== 'name-server'
      const delayMs = retryDelayMs(failure, attempt, operation.createsIdentity)
      if (delayMs === undefined || elapsedMs() + delayMs >= deadlineMs) throw explain(failure)
      onRetry?.(failure.code ?? String(failure.status ?? 'no answer'))
      await pause(delayMs, signal, mayBeDone ? operation.doubt : undefined)
    }
  } finally {
    connection?.end()
  }
}

async function createClient(
  { endpoint, secret }: ConnectionString,
  connection: Connection | undefined,
  { env, signal }: ServiceOptions,
  explain: (failure: Failure) => Error,
): Promise<CommunicationIdentityClient> {
  const proxy = proxyVariable(endpoint, env)
  // The SDK would speak HTTP to a proxy of any kind.
  if (proxy !== undefined && !/^https?:\/\//i.test(env[proxy] ?? '')) throw explain({ kind: 'proxy' })
  await connection?.greeted
  const { CommunicationIdentityClient } = await import('@azure/communication-identity')
  if (signal.aborted) throw new CancelledError()
  try {
    return new CommunicationIdentityClient(secret.reveal(), {
      allowInsecureConnection: isLoopback(new URL(endpoint).hostname),
      // Its own retries wait without limit for a Retry-After, and five seconds to report a refused connection.
      retryOptions: { maxRetries: 0 },
      // A redirect would hand the request to a host that the user never named.
      redirectOptions: { maxRetries: 0 },
      additionalPolicies: [
        { position: 'perRetry', policy: shortAnswers },
        ...(proxy === undefined ? [{ position: 'perRetry' as const, policy: connectThrough(connection?.agent) }] : []),
      ],
      // Else the SDK fails where the variable is no address; this one is never connected to.
      ...(proxy === undefined &&
        firstProxyVariable(env) !== undefined && { proxyOptions: { host: 'http://localhost', port: 1 } }),
    })
  } catch (error) {
    // The connection string has been judged, so what is left to fail is the proxy's address.
    throw explain(readFailure(error))
  }
}

type Policy = NonNullable<CommunicationIdentityClientOptions['additionalPolicies']>[number]['policy']

/** Reads an answer up to a length; the SDK by itself takes in whatever comes, unpacks it, and never stops. */
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

/** Past the proxy of the SDK, too. */
const connectThrough = (agent: Agent | undefined): Policy => ({
  name: 'connect-through',
  sendRequest: (request, next) => next(Object.assign(request, { agent })),
})

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

async function attemptOnce<Answer>(
  client: CommunicationIdentityClient,
  operation: Operation<Answer>,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<{ readonly answer: Answer } | { readonly failure: Failure }> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  const abortSignal = AbortSignal.any([signal, timeout.signal])
  // Node forgets a request whose answer changes the protocol: then only this ends the wait, and the timer keeps us here.
  const stopped = new Promise<never>((_, reject) => abortSignal.addEventListener('abort', reject))
  try {
    const answer = await Promise.race([operation.perform(client, { abortSignal }), stopped])
    return answer === 'malformed' ? { failure: { kind: 'malformed' } } : { answer }
  } catch (error) {
    return { failure: timeout.signal.aborted ? { kind: 'timeout' } : readFailure(error) }
  } finally {
    clearTimeout(timer)
  }
}

/** How long to wait before the next attempt, or undefined where another one makes no sense. */
function retryDelayMs(failure: Failure, attempt: number, createsIdentity: boolean): number | undefined {
  const delayMs = RETRY_DELAYS_MS[attempt]
  if (delayMs === undefined || !mayPass(failure, createsIdentity)) return undefined
  // A host that refuses is told within a second: one more attempt, for a server that is just starting.
  if (failure.kind === 'refused' && attempt > 0) return undefined
  return failure.retryAfterMs ?? Math.max(delayMs, failure.status === 429 ? 1_000 : 0)
}

/** Whether it may be over at the next attempt. An identity that may have been made is not to be made again. */
function mayPass({ kind, status }: Failure, createsIdentity: boolean): boolean {
  if (kind === 'refused' || kind === 'name-server') return true
  if (kind === 'broken') return !createsIdentity
  // These two say that nothing was done; a gateway says the others also where the service was done.
  const passing = createsIdentity ? [429, 503] : [408, 429, 500, 502, 503, 504]
  return status !== undefined && passing.includes(status)
}

async function pause(delayMs: number, signal: AbortSignal, doubt: string | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal })
  } catch {
    throw new CancelledError(doubt)
  }
}
