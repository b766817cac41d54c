import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { builtin } from '../system/builtin.ts'
import { answer } from './answer.ts'
import { type Answer, BODY_TOO_LARGE, INTERNAL_ERROR } from './service-errors.ts'
import { createService, type Service } from './service.ts'

/** How to start an emulator. */
export interface EmulatorOptions {
  /** 0 picks a free one. */
  readonly port: number
  /** Base64; a new random 64-byte key where absent. */
  readonly accessKey?: string | undefined
  /** An Entra token to accept besides the key. */
  readonly entraToken?: string | undefined
  /** PEM; https where present, plain http otherwise. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined
  /** The clock, for tests. */
  readonly now?: () => Date
}

/** An emulator that accepts connections. */
export interface Emulator {
  /** `http://127.0.0.1:PORT/`, with TLS `https://localhost:PORT/`. */
  readonly endpoint: string
  readonly connectionString: string
  /** Stops listening and ends open connections too. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'
const LARGEST_BODY_BYTES = 64 * 1024
const ACCESS_KEY_BYTES = 64
const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/

/** Starts an identity service on the loopback interface; a listen error rejects with Node's own error. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { port, tls, accessKey = randomBytes(ACCESS_KEY_BYTES).toString('base64'), now = () => new Date() } = options
  const { entraToken } = options
  if (accessKey === '' || !BASE64.test(accessKey)) throw new TypeError('The access key must be Base64.')
  const service = createService({ accessKey: Buffer.from(accessKey, 'base64'), entraToken, now })
  const scheme = tls === undefined ? 'http' : 'https'
  const server = await createServerFor(tls, (request, response) => void respond(request, response, service, scheme))
  const sockets = trackSockets(server)
  // A client that uses an idle connection again in the moment in which it is closed sees it break.
  server.keepAliveTimeout = 0
  server.listen(port, LOOPBACK)
  await once(server, 'listening')
  // Accepting a connection can fail (EMFILE); the next one may not.
  server.on('error', () => undefined)

  const { port: boundPort } = server.address() as AddressInfo
  const endpoint = `${scheme}://${tls === undefined ? LOOPBACK : 'localhost'}:${boundPort}/`
  return {
    endpoint,
    connectionString: `endpoint=${endpoint};accesskey=${accessKey}`,
    close: () => close(server, sockets),
  }
}

async function createServerFor(tls: EmulatorOptions['tls'], listener: RequestListener): Promise<Server> {
  if (tls === undefined) return createServer(listener)
  const https = builtin('node:https')
  return https.createServer({ cert: tls.certificate, key: tls.key }, listener)
}

// Node's own closeAllConnections() does not know of connections whose TLS handshake is not over.
function trackSockets(server: Server): Set<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

function close(server: Server, sockets: Set<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of sockets) socket.destroy()
  })
}

async function respond(request: IncomingMessage, response: ServerResponse, service: Service, scheme: string) {
  const startedAt = performance.now()
  const { method = '', url: target = '', headers } = request
  try {
    const body = await readBody(request)
    const result =
      body === undefined ? BODY_TOO_LARGE : await answer({ method, target, headers, body }, service, scheme)
    setServiceHeaders(request, response, service.now(), startedAt, scheme)
    write(response, result)
  } catch {
    // The client has gone, or this is a bug: either way the next request must find the emulator running.
    if (!response.headersSent) write(response, INTERNAL_ERROR)
  }
}

// A body that is too large is read to its end: a client still sending would not see the answer.
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size <= LARGEST_BODY_BYTES) chunks.push(chunk)
  }
  return size <= LARGEST_BODY_BYTES ? Buffer.concat(chunks) : undefined
}

function setServiceHeaders(
  request: IncomingMessage,
  response: ServerResponse,
  now: Date,
  startedAt: number,
  scheme: string,
) {
  const requestId = request.headers['x-ms-client-request-id']
  if (requestId !== undefined) response.setHeader('x-ms-client-request-id', requestId)
  if (scheme === 'https') response.setHeader('Strict-Transport-Security', 'max-age=2592000')
  response.setHeader('Date', now.toUTCString())
  response.setHeader('MS-CV', `${randomBytes(16).toString('base64').slice(0, 22)}.0`)
  response.setHeader('X-Processing-Time', `${Math.round(performance.now() - startedAt)}ms`)
}

function write(response: ServerResponse, { status, body, headers = {} }: Answer) {
  response.statusCode = status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (body === undefined) {
    response.end()
    return
  }
  const text = JSON.stringify(body)
  response.setHeader('Content-Type', status < 400 ? 'application/json; charset=utf-8' : 'application/json')
  response.setHeader('Content-Length', Buffer.byteLength(text))
  response.end(text)
}
