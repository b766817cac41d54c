import type { Agent } from 'node:http'
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { builtin } from '../system/builtin.ts'
import { isLoopback } from '../values/connection-string.ts'
import { readConnectionFailure, type Failure, type Peer } from './failure.ts'
import type { Proxy } from './proxy.ts'
import { openTunnel, type Opened } from './tunnel.ts'

/** Longer than it takes on one machine; a host that is far away is not waited for. */
const WAIT_MS = 20
/**
 * How long one address of a host may take before the next is tried. With Node's own 250 ms no address of a host that has
 * IPv4 and IPv6 is reached on a slow network (nodejs/node#54359). This leaves time for one lost packet, which is sent
 * again after a second, and for several addresses.
 */
const ATTEMPT_TIMEOUT_MS = 2_000

/**
 * Connections to one endpoint, the first of which has been begun. Not to be begun before it is needed: a name server
 * that says nothing keeps the process, and what the service closes meanwhile is seen only once a request is lost on it.
 */
export interface Connection {
  /** Hands the begun connection to the first request, and makes a new one for each further. */
  readonly agent: Agent
  /** Settles when the first host on the way has been greeted, or cannot be, or is far away. */
  readonly greeted: Promise<void>
  /** Why the latest connection could not be made; undefined where it stands or is being made. */
  failure(): Failure | undefined
  /** Who is waited for: the one to connect to, or the service for its answer. */
  waitsFor(): Peer | 'answer'
  /** Closes what is open. A connection that nobody uses would keep the process until it has failed. */
  end(): void
}

/** One connection on its way to the endpoint. */
interface Opening {
  /** To the endpoint, or to the proxy before it. */
  readonly socket: Socket
  /** Settles together with `result`. */
  readonly outcome: Promise<Opened>
  result: Opened | undefined
  peer: Peer
}

/**
 * Begins to connect to the endpoint, so that the SDK is loaded while the other side answers the greeting.
 *
 * @param onSent called when the first request has been handed to the connection, and written
 */
export function beginConnection(endpoint: URL, proxy: Proxy | undefined, onSent?: () => void): Connection {
  const openings = [open(endpoint, proxy)]
  const latest = (): Opening | undefined => openings.at(-1)
  let isTaken = false
  const { Agent } = endpoint.protocol === 'https:' ? builtin('node:https') : builtin('node:http')
  const agent = new Agent()
  agent.createConnection = (_options, callback) => {
    const begun = latest()
    // What the service has closed meanwhile is of no use.
    const isUsable = begun !== undefined && !isTaken && !(begun.result?.kind === 'open' && begun.socket.destroyed)
    const opening = isUsable ? begun : open(endpoint, proxy)
    if (!isUsable) openings.push(opening)
    isTaken = true
    if (callback !== undefined) {
      void handOver(opening, callback).then((isHandedOver) => {
        // What is written in this turn of the event loop is sent before the next one.
        if (isHandedOver && opening === openings[0] && onSent !== undefined) setImmediate(onSent)
      })
    }
    return undefined
  }
  return {
    // The SDK's own log prints a request with its agent, and the agent has the sockets.
    agent: Object.assign(agent, { toJSON: () => undefined }),
    greeted: untilGreeted(openings[0]?.socket),
    failure: () => {
      const result = latest()?.result
      return result?.kind === 'failed' ? result.failure : undefined
    },
    waitsFor: () => {
      const opening = latest()
      return opening?.result?.kind === 'open' ? 'answer' : (opening?.peer ?? 'service')
    },
    end: () => {
      for (const { socket } of openings) socket.destroy()
    },
  }
}

/** @returns whether there was a connection to hand over */
async function handOver(
  { outcome, socket }: Opening,
  callback: (error: Error | null, socket: Socket) => void,
): Promise<boolean> {
  const opened = await outcome
  if (opened.kind === 'open') callback(null, opened.socket)
  // Nobody reads this error: `failure` says why.
  else callback(new Error('not connected'), socket)
  return opened.kind === 'open'
}

function open(endpoint: URL, proxy: Proxy | undefined): Opening {
  const isSecure = endpoint.protocol === 'https:'
  const { hostname } = endpoint
  const port = Number(endpoint.port || (isSecure ? 443 : 80))
  const socket = connectTo(proxy ?? { isSecure, hostname, port })
  const way = async (): Promise<Opened> => {
    if (proxy === undefined) return untilOpen(socket, isSecure)
    const tunnel = await openTunnel(socket, `${hostname}:${port}`, proxy)
    if (tunnel.kind === 'failed') return tunnel
    opening.peer = 'service'
    const opened = await untilOpen(connectTls({ socket: tunnel.socket, ...secureOptions(hostname) }), true)
    if (opened.kind === 'open' || opened.failure.kind !== 'network' || tunnel.page === undefined) return opened
    return { kind: 'failed', failure: tunnel.page }
  }
  const outcome = way().then((opened) => (opening.result = opened))
  const opening: Opening = { socket, outcome, result: undefined, peer: proxy === undefined ? 'service' : 'proxy' }
  return opening
}

/** Where to connect to; an IPv6 address stands in brackets. */
interface Address {
  readonly isSecure: boolean
  readonly hostname: string
  readonly port: number
}

function connectTo({ isSecure, hostname, port }: Address): Socket {
  const options = { host: withoutBrackets(hostname), port, autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT_MS }
  const socket = isSecure
    ? connectTls({ ...options, ...secureOptions(hostname) })
    : builtin('node:net').connect({ ...options })
  // It may fail before anyone else listens, and after everyone has gone.
  return socket.on('error', () => undefined)
}

function connectTls(options: ConnectionOptions): Socket {
  try {
    return builtin('node:tls').connect(options)
  } catch (error) {
    // TLS itself cannot be set up, as with NODE_OPTIONS=--tls-cipher-list=NONE.
    const { Socket } = builtin('node:net')
    return new Socket().destroy(error instanceof Error ? error : undefined)
  }
}

/**
 * Certificates are checked whatever NODE_TLS_REJECT_UNAUTHORIZED says, but for those of this machine, where people make
 * their own for a try.
 */
function secureOptions(hostname: string): ConnectionOptions {
  const host = withoutBrackets(hostname)
  return {
    host,
    // An address is no name of a server, says RFC 6066.
    servername: /[:]|^[\d.]+$/.test(host) ? '' : host,
    ALPNProtocols: ['http/1.1'],
    ...(!isLoopback(hostname) && { rejectUnauthorized: true }),
  }
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

function untilOpen(socket: Socket, isSecure: boolean): Promise<Opened> {
  return new Promise((settle) => {
    const fail = (error: unknown): void =>
      settle({ kind: 'failed', failure: readConnectionFailure(error, 'service', false) })
    socket
      .once(isSecure ? 'secureConnect' : 'connect', () => settle({ kind: 'open', socket }))
      .on('error', fail)
      .once('close', () => fail({ code: 'ECONNRESET' }))
  })
}

function untilGreeted(socket: Socket | undefined): Promise<void> {
  return new Promise((settle) => {
    const timer = setTimeout(settle, WAIT_MS)
    const end = (): void => {
      clearTimeout(timer)
      settle()
    }
    socket?.once('connect', end).once('close', end)
  })
}
