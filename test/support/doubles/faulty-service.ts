import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Certificate } from './certificate.ts'

/** 64 bytes that are easy to find in any output. */
export const MARKED_KEY = Buffer.from('acs-env-marked-key-'.padEnd(64, 'x')).toString('base64')

export interface FaultyService {
  readonly connectionString: string
  /** How many requests, or for `startSilentService` connections, have arrived. */
  readonly requests: () => number
  close(): Promise<void>
}

export type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** An answer with this status and JSON body. */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }
}

/** A service on loopback that answers every request in the same wrong way; over https where it has a certificate. */
export async function startFaultyService(answer: Answer, tls?: Certificate): Promise<FaultyService> {
  let count = 0
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    count += 1
    request.resume().on('end', () => answer(request, response, count))
  }
  const server =
    tls === undefined
      ? createHttpServer(onRequest)
      : createHttpsServer({ key: tls.key, cert: tls.certificate }, onRequest)
  return listen(server, () => count, tls === undefined ? 'http' : 'https')
}

/** A service that takes connections and never says anything. */
export async function startSilentService(): Promise<FaultyService> {
  let count = 0
  return listen(
    createServer(() => (count += 1)),
    () => count,
  )
}

/** A port on which nothing listens. */
export async function unusedPort(): Promise<number> {
  const service = await startSilentService()
  await service.close()
  return Number(/:(\d+)\//.exec(service.connectionString)?.[1])
}

async function listen(server: Server, requests: () => number, scheme = 'http'): Promise<FaultyService> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  const { port } = server.address() as AddressInfo
  return {
    connectionString: `endpoint=${scheme}://127.0.0.1:${port}/;accesskey=${MARKED_KEY}`,
    requests,
    close: () =>
      new Promise((settle) => {
        server.close(() => settle())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
