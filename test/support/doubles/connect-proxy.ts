import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A proxy on this machine. */
export interface ConnectProxy {
  /** `127.0.0.1:8080` */
  readonly address: string
  /** `http://127.0.0.1:8080` */
  readonly url: string
  /** What it was sent, up to the end of the headers, of each connection. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

/** Says something raw to the client; `upstream` opens the tunnel that was asked for. */
export type ProxyAnswer = (client: Socket, upstream: () => void) => void

/** Tunnels to this machine, whatever the host. */
export const tunnels: ProxyAnswer = (_client, upstream) => upstream()

/** Answers every request like this and closes. */
export const says =
  (text: string): ProxyAnswer =>
  (client) =>
    client.end(text)

/** A proxy that gives every request the same answer. It finds every host on this machine. */
export async function startConnectProxy(answer: ProxyAnswer = tunnels): Promise<ConnectProxy> {
  const requests: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    sockets.add(client)
    client.on('error', () => undefined)
    client.once('data', (head) => {
      requests.push(head.toString('latin1'))
      answer(client, () => openTunnel(client, head.toString('latin1')))
    })
  })
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    url: `http://${address}`,
    requests,
    close: () =>
      new Promise((settle) => {
        server.close(() => settle())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

function openTunnel(client: Socket, head: string): void {
  const [, port = ''] = /^CONNECT \S+:(\d+) /.exec(head) ?? []
  const upstream = connect(Number(port), '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    client.pipe(upstream).pipe(client)
  })
  upstream.on('error', () => client.destroy())
  client.on('close', () => upstream.destroy())
}
