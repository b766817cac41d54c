import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { builtin } from '../system/builtin.ts'
import { readConnectionFailure, readRetryAfterMs, type Failure } from './failure.ts'
import type { Proxy } from './proxy.ts'

/** A connection that stands, or why it does not. */
export type Opened =
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'failed'; readonly failure: Failure }

type Tunnel =
  | {
      readonly kind: 'open'
      readonly socket: Socket
      /** Set where the answer looks like a web page: should there be no TLS behind it, this is why. */
      readonly page: Failure | undefined
    }
  | { readonly kind: 'failed'; readonly failure: Failure }

/**
 * Asks the proxy for a tunnel (`CONNECT`, RFC 9110 section 9.3.6), on a connection that may still be on its way. Any 2xx
 * opens it.
 *
 * @param authority host and port of the service
 */
export function openTunnel(transport: Socket, authority: string, { authorization }: Proxy): Promise<Tunnel> {
  const { request } = builtin('node:http')
  return new Promise((settle) => {
    const fail = (error: unknown): void =>
      settle({ kind: 'failed', failure: readConnectionFailure(error, 'proxy', false) })
    transport.once('error', fail)
    request({
      method: 'CONNECT',
      path: authority,
      headers: {
        Host: authority,
        ...(authorization !== undefined && { 'Proxy-Authorization': authorization.reveal() }),
      },
      createConnection: () => transport,
    })
      // Node gives this event for every status.
      .once('connect', (response, _socket, head) => settle(readAnswer(response, transport, head)))
      .once('error', fail)
      .end()
  })
}

function readAnswer(response: IncomingMessage, socket: Socket, head: Buffer): Tunnel {
  const { statusCode: status = 0, headers } = response
  const get = (name: string): string | undefined => headers[name]?.toString()
  const failure: Failure = {
    kind: 'proxy-answer',
    status,
    schemes: readSchemes(get('proxy-authenticate') ?? ''),
    retryAfterMs: readRetryAfterMs({ get }),
  }
  // In TLS the client speaks first, so anything that has arrived already is a page.
  if (status >= 200 && status < 300 && head.length === 0) {
    const isPage = Number(get('content-length') ?? 0) > 0 || /html/i.test(get('content-type') ?? '')
    return { kind: 'open', socket, page: isPage ? failure : undefined }
  }
  socket.destroy()
  return { kind: 'failed', failure }
}

/** The ways to sign in, in lower case: "basic" and "ntlm" of `Basic realm="a", NTLM`. */
function readSchemes(challenges: string): readonly string[] {
  return [...challenges.matchAll(/(?:^|,)\s*([\w-]+)(?=\s|,|$)/g)].map(([, scheme = '']) => scheme.toLowerCase())
}
