import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type Emulator, type EmulatorOptions, startEmulator } from '../../src/emulator/server.ts'
import { accessKeyOf, send, VERSION } from './raw-request.ts'

async function withEmulator(options: Partial<EmulatorOptions>, use: (emulator: Emulator) => Promise<void>) {
  const emulator = await startEmulator({ port: 0, ...options })
  try {
    await use(emulator)
  } finally {
    await emulator.close()
  }
}

async function open(emulator: Emulator): Promise<Socket> {
  const socket = connect(Number(new URL(emulator.endpoint).port), '127.0.0.1')
  // The emulator ends some of these itself; a reset is as good as an end.
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

describe('startEmulator', () => {
  it('says where it listens and with which key', async () => {
    await withEmulator({ accessKey: 'a2V5' }, async ({ endpoint, connectionString }) => {
      expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
      expect(connectionString).toBe(`endpoint=${endpoint};accesskey=a2V5`)
    })
  })

  it('makes a new 64-byte key for each run', async () => {
    await withEmulator({}, async (one) => {
      await withEmulator({}, async (two) => {
        expect(Buffer.from(accessKeyOf(one), 'base64')).toHaveLength(64)
        expect(accessKeyOf(one)).toHaveLength(88)
        expect(accessKeyOf(two)).not.toBe(accessKeyOf(one))
      })
    })
  })

  it('closes no connection that its client keeps, however long it is idle', async () => {
    await withEmulator({}, async ({ endpoint }) => {
      const agent = new Agent({ keepAlive: true })
      const isReused = async (): Promise<boolean> => {
        const request = get(endpoint, { agent })
        const [response] = await once(request, 'response')
        await once(response.resume(), 'end')
        return request.reusedSocket
      }
      expect(await isReused()).toBe(false)
      // Node's own server closes it after five seconds.
      await new Promise((resolve) => setTimeout(resolve, 7_000))
      expect(await isReused()).toBe(true)
      agent.destroy()
    })
  })

  it.each(['', 'not_base64!!', 'abc', 'YWJj\n'])('refuses the key %j without repeating it', async (accessKey) => {
    await expect(startEmulator({ port: 0, accessKey })).rejects.toThrow(/^The access key must be Base64\.$/)
  })

  it('rejects with Node’s error where the port is taken', async () => {
    await withEmulator({}, async ({ endpoint }) => {
      const port = Number(new URL(endpoint).port)
      await expect(startEmulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE', port })
    })
  })

  it.each([-1, 65_536])('rejects with Node’s error for the port %i', async (port) => {
    await expect(startEmulator({ port })).rejects.toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' })
  })

  it('rejects for a certificate that is none', async () => {
    const tls = { certificate: 'x', key: 'y' }
    await expect(startEmulator({ port: 0, tls })).rejects.toMatchObject({ code: 'ERR_OSSL_PEM_NO_START_LINE' })
  })
})

describe('close', () => {
  it('ends connections kept alive and connections that never sent anything', async () => {
    const emulator = await startEmulator({ port: 0 })
    const agent = new Agent({ keepAlive: true })
    try {
      await new Promise<void>((resolve, reject) => {
        get(emulator.endpoint, { agent }, (answer) => answer.resume().on('end', resolve)).on('error', reject)
      })
      const silent = await open(emulator)
      const ended = once(silent, 'close')
      await emulator.close()
      await ended
      await expect(send(emulator)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    } finally {
      agent.destroy()
    }
  })

  it('may be called twice', async () => {
    const emulator = await startEmulator({ port: 0 })
    await emulator.close()
    await expect(emulator.close()).resolves.toBeUndefined()
  })
})

describe('rubbish', () => {
  const target = `POST /identities${VERSION} HTTP/1.1\r\nHost: x\r\n`

  it.each([
    ['bytes that are no HTTP', '\u0016\u0003\u0001\u0002\u0000\r\n\r\n'],
    ['a path that is no path', 'POST // HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a whole URL for a path', 'GET http://[::bad/ HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no headers', `POST /identities${VERSION} HTTP/1.0\r\n\r\n`],
    ['no Host', `POST /identities${VERSION} HTTP/1.1\r\n\r\n`],
    ['a request id with a high byte', `${target}x-ms-client-request-id: \u00FF\r\n\r\n`],
    ['a length that is none', `${target}Content-Length: -1\r\n\r\n`],
    ['a chunk that is none', `${target}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n'],
    ['an upgrade', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['a method HTTP does not have', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a query that cannot be decoded', 'POST /identities?api-version=%&%zz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('of %s does not end it', async (_name, bytes) => {
    await withEmulator({}, async (emulator) => {
      const socket = await open(emulator)
      socket.resume().end(bytes, 'latin1')
      await once(socket, 'close')
      expect(await send(emulator)).toMatchObject({ status: 201 })
    })
  })

  it('of a body that breaks off does not end it', async () => {
    await withEmulator({}, async (emulator) => {
      const socket = await open(emulator)
      socket.write(`${target}Content-Length: 1000\r\n\r\n{"createTokenWithScopes"`)
      await new Promise((resolve) => setImmediate(resolve))
      socket.resetAndDestroy()
      expect(await send(emulator)).toMatchObject({ status: 201 })
    })
  })
})
