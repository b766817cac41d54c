import type { CliError } from '../errors.ts'
import { builtin } from '../system/builtin.ts'
import type { System } from '../system/system.ts'
import { isLoopback } from '../values/connection-string.ts'
import { beginConnection, type Connection } from './connection.ts'
import { explainUnusableProxy } from './explain-proxy.ts'
import { explainFailure } from './explain.ts'
import { readConnectionFailure, readDate, type Failure } from './failure.ts'
import { readRoute } from './proxy.ts'
import { beginTimeLimit } from './time-limit.ts'

/** The steps on the way to the service, in this order. */
export const PROBE_STEPS = ['proxy', 'name', 'connection', 'tls'] as const
export type ProbeStep = (typeof PROBE_STEPS)[number]

/** How far a request came, and what the service's clock said. */
export type Probe =
  | { readonly kind: 'answered'; readonly route: Route; readonly date: Date | undefined }
  | { readonly kind: 'failed'; readonly route: Route; readonly step: ProbeStep; readonly error: CliError }

type Route = 'direct' | 'proxy'

export interface ProbeOptions extends Pick<System, 'env' | 'now' | 'nodeVersion'> {
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/**
 * Asks the endpoint for its headers, once and without a signature: no answer needs a key, and every one has the time.
 * Never throws.
 */
export async function probeService(endpoint: URL, options: ProbeOptions): Promise<Probe> {
  const { env, now, nodeVersion } = options
  const route = readRoute(endpoint, env)
  if (route.kind === 'unusable-proxy') {
    return { kind: 'failed', route: 'proxy', step: 'proxy', error: explainUnusableProxy(route) }
  }
  const way = route.kind === 'proxy' ? 'proxy' : 'direct'
  const connection = beginConnection(endpoint, route.kind === 'proxy' ? route : undefined)
  try {
    const answer = await askForHeaders(endpoint, connection, options)
    if (answer.kind === 'answered') return { ...answer, route: way }
    const { failure } = answer
    const isLocal = isLoopback(endpoint.hostname)
    const error = explainFailure(failure, {
      host: endpoint.host,
      isLocal,
      route,
      env,
      now: now(),
      nodeVersion,
      signsWith: 'access-key',
    })
    return { kind: 'failed', route: way, step: stepOf(failure), error }
  } finally {
    connection.end()
  }
}

type Answer =
  | { readonly kind: 'answered'; readonly date: Date | undefined }
  | { readonly kind: 'failed'; readonly failure: Failure }

function askForHeaders(
  endpoint: URL,
  connection: Connection,
  { signal, timeoutMs }: Pick<ProbeOptions, 'signal' | 'timeoutMs'>,
): Promise<Answer> {
  const { request } = endpoint.protocol === 'https:' ? builtin('node:https') : builtin('node:http')
  return new Promise((settle) => {
    const limit = beginTimeLimit(signal, timeoutMs)
    const resolve = (answer: Answer): void => {
      limit.end()
      settle(answer)
    }
    const fail = (failure: Failure): void => resolve({ kind: 'failed', failure })
    // Once a request is given up Node may say nothing of it any more.
    limit.signal.addEventListener('abort', () => fail(timedOut(connection)))
    request(endpoint, { method: 'HEAD', agent: connection.agent, signal: limit.signal })
      .once('response', ({ statusCode = 0, headers }) => {
        if (statusCode >= 300 && statusCode < 400) fail({ kind: 'redirect' })
        else resolve({ kind: 'answered', date: readDate(headers.date) })
      })
      .on('error', (error) => fail(connection.failure() ?? readConnectionFailure(error, 'service', true)))
      .end()
  })
}

function timedOut(connection: Connection): Failure {
  const waitsFor = connection.waitsFor()
  const peer = waitsFor === 'answer' ? 'service' : waitsFor
  return { kind: 'network', trouble: 'timeout', peer, mayBeSent: false, code: undefined }
}

function stepOf(failure: Failure): ProbeStep {
  switch (failure.kind) {
    case 'proxy-answer':
    case 'proxy-garbage':
      return 'proxy'
    case 'certificate':
      return failure.peer === 'proxy' ? 'proxy' : 'tls'
    case 'network':
      if (failure.peer === 'proxy') return 'proxy'
      if (failure.trouble === 'no-tls') return 'tls'
      return failure.trouble === 'unknown-host' || failure.trouble === 'name-server' ? 'name' : 'connection'
    default:
      return 'connection'
  }
}
