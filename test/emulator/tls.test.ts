import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommunicationIdentityClient } from '@azure/communication-identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../src/emulator/server.ts'
import { type Certificate, hasOpenssl, makeCertificate } from '../support/doubles/certificate.ts'

const NO_RETRIES = { retryOptions: { maxRetries: 0 } }

describe.skipIf(!hasOpenssl())('over TLS', () => {
  const directory = mkdtempSync(join(tmpdir(), 'acs-env-tls-'))
  let certificate: Certificate
  let emulator: Emulator

  beforeAll(async () => {
    certificate = makeCertificate(directory)
    emulator = await startEmulator({ port: 0, tls: certificate })
  })

  afterAll(async () => {
    await emulator.close()
    rmSync(directory, { recursive: true })
  })

  function clientFor(connectionString: string): CommunicationIdentityClient {
    return new CommunicationIdentityClient(connectionString, {
      ...NO_RETRIES,
      tlsOptions: { ca: certificate.certificate },
    })
  }

  it('the JavaScript SDK gets a token from an https endpoint', async () => {
    expect(emulator.endpoint).toMatch(/^https:\/\/localhost:\d+\/$/)
    const { user, token } = await clientFor(emulator.connectionString).createUserAndToken(['chat'])
    expect(user.communicationUserId).toMatch(/^8:acs:/)
    expect(token).toHaveLength(865)
  })

  it('the certificate covers 127.0.0.1 as well', async () => {
    const client = clientFor(emulator.connectionString.replace('localhost', '127.0.0.1'))
    await expect(client.createUser()).resolves.toHaveProperty('communicationUserId')
  })

  it('answers with Strict-Transport-Security', async () => {
    let seen: string | undefined
    await clientFor(emulator.connectionString).createUser({
      onResponse: ({ headers }) => {
        seen = headers.get('strict-transport-security')
      },
    })
    expect(seen).toBe('max-age=2592000')
  })

  it('is not trusted without the certificate', async () => {
    const client = new CommunicationIdentityClient(emulator.connectionString, NO_RETRIES)
    await expect(client.createUser()).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  })

  it('plain HTTP does not end it', async () => {
    const socket = connect(Number(new URL(emulator.endpoint).port), '127.0.0.1')
    socket.resume().end('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'close')
    await expect(clientFor(emulator.connectionString).createUser()).resolves.toHaveProperty('communicationUserId')
  })

  it('close() ends a connection that never began its handshake', async () => {
    const other = await startEmulator({ port: 0, tls: certificate })
    const socket = connect(Number(new URL(other.endpoint).port), '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    const ended = once(socket, 'close')
    await other.close()
    await ended
    expect(socket.destroyed).toBe(true)
  })
})
