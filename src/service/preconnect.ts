import type { Agent } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { builtin } from '../system/builtin.ts'
import type { Environment } from '../system/system.ts'
import { isLoopback } from '../values/connection-string.ts'

/** In the order of the SDK, which takes the first that is set. */
const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'HTTP_PROXY', 'http_proxy']
/** Longer than it takes on one machine; a host that is far away is not waited for. */
const WAIT_MS = 20

/**
 * A connection that has been begun. The agent hands it to the first request; where it has failed by then that request
 * makes its own, and tells why it cannot. Not to be begun before it is needed: a name server that says nothing keeps
 * the process, and what the service closes meanwhile is seen only once a request is lost on it.
 */
export interface Connection {
  readonly agent: Agent
  /** Settles when the service has been greeted, or cannot be, or is far away. */
  readonly greeted: Promise<void>
  /** Closes it. One that nobody uses would keep the process until it has failed. */
  end(): void
}

/**
 * The variable that names the proxy to this endpoint; undefined where there is none. This machine never needs one, which
 * would get its requests in plain text.
 */
export function proxyVariable(endpoint: string, env: Environment): string | undefined {
  const { hostname } = new URL(endpoint)
  const isExcepted = (env.NO_PROXY ?? env.no_proxy ?? '')
    .split(',')
    .map((item) => item.trim())
    .some((item) => item === '*' || item === hostname || (item.startsWith('.') && `.${hostname}`.endsWith(item)))
  return isExcepted || isLoopback(hostname) ? undefined : firstProxyVariable(env)
}

/** The variable that the SDK takes a proxy from, whatever the endpoint. */
export function firstProxyVariable(env: Environment): string | undefined {
  return PROXY_VARIABLES.find((name) => env[name] !== undefined)
}

/**
 * Begins to connect, so that the SDK is loaded while the service answers the greeting.
 *
 * @returns undefined where there is nothing to gain: without TLS, and behind a proxy, which the SDK speaks to
 */
export function beginConnection(endpoint: string, env: Environment): Connection | undefined {
  const { protocol, hostname, port } = new URL(endpoint)
  if (protocol !== 'https:' || proxyVariable(endpoint, env) !== undefined) return undefined
  const { Agent } = builtin('node:https')
  const { connect } = builtin('node:tls')
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const servername = /[:]|^[\d.]+$/.test(host) ? '' : host
  const socket = tryConnect(() => connect({ host, servername, port: Number(port || 443), ALPNProtocols: ['http/1.1'] }))
  if (socket === undefined) return undefined
  socket.on('error', () => undefined)
  return { agent: handOver(new Agent(), socket), greeted: untilGreeted(socket), end: () => socket.destroy() }
}

function tryConnect(work: () => TLSSocket): TLSSocket | undefined {
  try {
    return work()
  } catch {
    // TLS itself cannot be set up: the request will fail in the same way, and its errors are explained.
    return undefined
  }
}

function untilGreeted(socket: TLSSocket): Promise<void> {
  return new Promise((settle) => {
    const timer = setTimeout(settle, WAIT_MS)
    const end = (): void => {
      clearTimeout(timer)
      settle()
    }
    socket.once('connect', end).once('close', end)
  })
}

function handOver(agent: Agent, socket: TLSSocket): Agent {
  let isUsed = false
  const connectAnew = agent.createConnection.bind(agent)
  agent.createConnection = (...args) => {
    if (isUsed || socket.destroyed) return connectAnew(...args)
    isUsed = true
    return socket
  }
  return agent
}
