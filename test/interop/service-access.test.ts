import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CommunicationIdentityClient } from '@azure/communication-identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { hasOpenssl, makeCertificate, type Certificate } from '../support/doubles/certificate.ts'
import { startConnectProxy } from '../support/doubles/connect-proxy.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { cleanEnvironment, runBuilt } from '../support/programs/built.ts'

const PYTHON = '/usr/bin/python3'
/** Nobody has this name, RFC 6761 says so. */
const REMOTE = 'contoso.invalid'

function hasPythonSdk(): boolean {
  if (spawnSync(PYTHON, ['-c', 'import azure.communication.identity']).status === 0) return true
  if (process.env.CI) throw new Error('python3-azure is missing; in CI nothing may be left out')
  console.warn('left out: the test with the Python SDK (Debian: python3-azure), which is not installed')
  return false
}

describe.skipIf(!hasOpenssl())('over TLS', () => {
  let directory: string
  let certificate: Certificate
  let emulator: Emulator
  let home: TestHome
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'acs-env-tls-'))
    certificate = makeCertificate(directory, { names: `DNS:localhost,IP:127.0.0.1,DNS:${REMOTE}` })
    emulator = await startEmulator({ port: 0, tls: { certificate: certificate.certificate, key: certificate.key } })
    home = makeHome()
    const args = ['setup', '--no-verify', '--connection-string', emulator.connectionString]
    const run = await runBuilt(args, { home: home.path, env: { NODE_EXTRA_CA_CERTS: certificate.certificatePath } })
    expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/note|warning|error/)])
  })
  afterAll(async () => {
    await emulator.close()
    home.remove()
    rmSync(directory, { recursive: true })
  })

  const stored = (): string => readFileSync(join(home.path, '.config/acs-env/connection-string'), 'utf8')

  it('the official JavaScript SDK accepts the stored connection string', async () => {
    const client = new CommunicationIdentityClient(stored(), { tlsOptions: { ca: certificate.certificate } })
    await expect(client.createUserAndToken(['chat'])).resolves.toMatchObject({ token: expect.stringMatching(/^eyJ/) })
  })

  it.skipIf(!hasPythonSdk())('the Python SDK, and with it the Azure CLI, accepts it from a login shell', async () => {
    const script = [
      'import os',
      'from azure.communication.identity import CommunicationIdentityClient',
      'client = CommunicationIdentityClient.from_connection_string(os.environ["AZURE_COMMUNICATION_CONNECTION_STRING"])',
      'user, token = client.create_user_and_token(["chat", "voip"])',
      'print(user.properties["id"])',
    ].join('\n')
    const { stdout } = await promisify(execFile)('bash', ['-l', '-c', `exec ${PYTHON} -c '${script}'`], {
      env: cleanEnvironment(home.path, { REQUESTS_CA_BUNDLE: certificate.certificatePath }),
    })
    expect(stdout).toMatch(/^8:acs:/)
  })

  /** What asks for a token at a host of this name, which none but the proxy finds. */
  const askAt = (host: string): string[] => {
    const remote = emulator.connectionString.replace('localhost', host).replace('127.0.0.1', host)
    return ['issue', '--scope', 'chat', '--connection-string', remote]
  }

  it('goes through the proxy that HTTPS_PROXY names, and past it for hosts in NO_PROXY', async () => {
    const proxy = await startConnectProxy()
    const env = { NODE_EXTRA_CA_CERTS: certificate.certificatePath, HTTPS_PROXY: proxy.url }
    const through = await runBuilt(askAt(REMOTE), { env })
    expect([through.exitCode, proxy.requests.length]).toEqual([0, 1])
    for (const noProxy of [REMOTE, 'other.example, .invalid', '*']) {
      const past = await runBuilt(askAt(REMOTE), { env: { ...env, NO_PROXY: noProxy } })
      expect([past.exitCode, proxy.requests.length]).toEqual([1, 1])
      expect(past.stderr).toMatch(/^error: There is no host "contoso\.invalid"\.\nhint: /)
    }
    await proxy.close()
  })

  it.each(['HTTPS_PROXY', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('reaches this machine past %s', async (name) => {
    const plain = await startEmulator({ port: 0 })
    const proxy = await startConnectProxy()
    const args = ['issue', '--scope', 'chat', '--connection-string']
    for (const url of [proxy.url, 'nowhere', 'socks5://127.0.0.1:1']) {
      const env = { NODE_EXTRA_CA_CERTS: certificate.certificatePath, [name]: url }
      for (const { connectionString } of [plain, emulator]) {
        expect(await runBuilt([...args, connectionString], { env })).toMatchObject({ exitCode: 0 })
      }
    }
    expect(proxy.requests.length).toBe(0)
    await Promise.all([plain.close(), proxy.close()])
  })

  it.each<[string, string, RegExp]>([
    ['is no address', 'http://user:password@host:port', /^error: The value of HTTPS_PROXY is not an address\.\nhint: /],
    ['has no scheme and no host', 'password.invalid:8080', /^error: There is no host .* HTTPS_PROXY\.\nhint: /],
    [
      'is of SOCKS',
      'socks5://u:password@127.0.0.1:1',
      /^error: .*proxy in HTTPS_PROXY .*SOCKS.*not supported\.\nhint: .*http:/,
    ],
    ['refuses', 'http://u:password@127.0.0.1:1', /^error: The proxy in HTTPS_PROXY refused .*\.\nhint: .*HTTPS_PROXY/],
    ['has no host', 'http://password.invalid:1', /^error: There is no host .* HTTPS_PROXY\.\nhint: .*HTTPS_PROXY/],
  ])('names the variable of a proxy that %s', async (_, url, message) => {
    const run = await runBuilt(askAt(REMOTE), { env: { HTTPS_PROXY: url } })
    expect(run.stderr).toMatch(message)
    expect(run.stderr).not.toContain('password')
    expect(run.stderr).not.toContain(REMOTE)
    expect(run.exitCode).toBe(1)
  })

  it('tells a missing TLS from a certificate that is not trusted', async () => {
    const plain = await startEmulator({ port: 0 })
    const args = ['issue', '--scope', 'chat', '--connection-string', plain.connectionString.replace('http:', 'https:')]
    const direct = await runBuilt(args)
    expect(direct.stderr).toMatch(/^error: 127\.0\.0\.1:\d+ does not speak TLS .*\nhint: .*http:\/\//)
    const { port } = new URL(plain.endpoint)
    const proxied = await runBuilt(askAt(REMOTE), { env: { HTTPS_PROXY: `https://127.0.0.1:${port}` } })
    expect(proxied.stderr).toMatch(/^error: .*proxy in HTTPS_PROXY does not speak TLS .*\nhint: .*HTTPS_PROXY/)
    expect([direct.exitCode, proxied.exitCode]).toEqual([1, 1])
    await plain.close()
  })
})
