import type { Agent } from 'node:https'
import type { TLSSocket } from 'node:tls'
import type { Environment } from '../system/system.ts'

const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY']
/** Longer than it takes on one machine; a host that is far away is not waited for. */
const WAIT_MS = 20
/** Less than any server waits for a request. */
const FRESH_MS = 5_000

/**
 * Begins to connect, so that other work is done, such as loading the SDK, while the service answers the greeting. The agent hands this
 * connection to the first request; where it has failed by then that request makes its own, and tells why it cannot.
 *
 * @returns undefined where there is nothing to gain: without TLS, and behind a proxy, which the SDK speaks to
 */
export async function beginConnection(endpoint: string, env: Environment): Promise<Agent | undefined> {
  const { protocol, hostname, port } = new URL(endpoint)
  if (protocol !== 'https:' || PROXIES.some((name) => (env[name] ?? env[name.toLowerCase()]) !== undefined)) {
    return undefined
  }
  const [{ Agent }, { connect }] = await Promise.all([import('node:https'), import('node:tls')])
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const servername = /[:]|^[\d.]+$/.test(host) ? '' : host
  const socket = connect({ host, servername, port: Number(port || 443), ALPNProtocols: ['http/1.1'] })
  // Nobody waits for it until a request does.
  socket.unref().on('error', () => undefined)
  await new Promise<void>((settle) => {
    const timer = setTimeout(settle, WAIT_MS)
    const end = (): void => {
      clearTimeout(timer)
      settle()
    }
    socket.once('connect', end).once('close', end)
  })
  return handOver(new Agent(), socket)
}

function handOver(agent: Agent, socket: TLSSocket): Agent {
  const deadline = performance.now() + FRESH_MS
  let isUsed = false
  const connectAnew = agent.createConnection.bind(agent)
  agent.createConnection = (...args) => {
    if (isUsed || socket.destroyed || performance.now() > deadline) return connectAnew(...args)
    isUsed = true
    return socket.ref()
  }
  return agent
}
