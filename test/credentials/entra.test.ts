import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { entraSource } from '../../src/credentials/entra.ts'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { createTerminal } from '../../src/system/terminal.ts'
import { createReporter } from '../../src/ui/reporter.ts'
import { makeAz, SUBSCRIPTION, type AzAnswer, type AzDouble } from '../support/doubles/azure-cli.ts'
import { makeCertificate, type Certificate } from '../support/doubles/certificate.ts'
import { json, startFaultyService, type Answer } from '../support/doubles/faulty-service.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { inMinutes, setExpiry, storedToken } from '../support/homes/stored-values.ts'
import { makeSystem, runInWorld, type WorldRun } from '../support/homes/world.ts'
import { runBuilt, type BuiltRun } from '../support/programs/built.ts'

const ENTRA_TOKEN = `eyJ0eXAiOiJKV1QifQ.${'entra'.repeat(20)}.c2lnbmF0dXJl`
const ASKS = ['account', 'get-access-token', '--scope', 'https://communication.azure.com//.default']
const COMMON = ['--output', 'json', '--only-show-errors']

let certificate: Certificate
let emulator: Emulator
let shared: TestHome
let home: TestHome
const homes: TestHome[] = []

beforeAll(async () => {
  shared = makeHome()
  certificate = makeCertificate(shared.path)
  emulator = await startEmulator({ port: 0, tls: certificate, entraToken: ENTRA_TOKEN })
})
beforeEach(() => {
  home = makeHome()
  homes.push(home)
})
afterAll(async () => {
  await emulator.close()
  for (const each of [shared, ...homes]) each.remove()
})

const run = async (args: readonly string[], env: Record<string, string> = {}): Promise<BuiltRun> => {
  const ended = await runBuilt(args, {
    home: home.path,
    env: { NODE_EXTRA_CA_CERTS: certificate.certificatePath, SHELL: '/bin/bash', ...env },
  })
  expect(ended.stdout + ended.stderr).not.toContain(ENTRA_TOKEN)
  return ended
}

/** The same in this process, for what ends before the service is asked. */
async function runHere(args: readonly string[], env: Record<string, string> = {}): Promise<WorldRun> {
  const ended = await runInWorld(args, home.path, { env })
  expect(ended.stdout + ended.stderr).not.toContain(ENTRA_TOKEN)
  return ended
}

/** The Azure CLI, which has this token; before 2.54 with the local time of its end alone. */
function signedIn(fields: object = { expires_on: Math.floor(inMinutes(60).getTime() / 1000) }): AzDouble {
  const document = { accessToken: ENTRA_TOKEN, tokenType: 'Bearer', ...fields }
  return makeAz(home, [{ to: 'account get-access-token', stdout: JSON.stringify(document) }])
}

const refusing = (stderr: string): AzDouble => makeAz(home, [{ to: 'account', stderr, exitCode: 1 } satisfies AzAnswer])

/** A command that prints the token, for --entra-token-command. */
const printing = (text: string): string => `cat '${home.write('token', text)}'`

describe('--endpoint', () => {
  it('stores a token without any key, renews it, and remembers no secret', async () => {
    const az = signedIn()
    const setup = await run(['setup', '--no-verify', '--endpoint', emulator.endpoint], { PATH: az.path })
    expect([setup.exitCode, setup.stderr]).toEqual([0, expect.stringContaining('Entra ID, through the Azure CLI')])
    expect(existsSync(join(home.path, '.config/acs-env/connection-string'))).toBe(false)
    expect(home.read('.config/acs-env/state.json')).not.toContain(ENTRA_TOKEN)

    const first = storedToken(home)
    const refresh = await run(['refresh'], { PATH: az.path })
    expect([refresh.exitCode, refresh.stderr]).toEqual([0, expect.stringContaining('Renewed for 8:acs:')])
    expect(storedToken(home)).not.toBe(first)
    expect(az.calls().map(({ args }) => args)).toEqual([
      [...ASKS, ...COMMON],
      [...ASKS, ...COMMON],
    ])
    for (const call of az.calls()) expect(call).toMatchObject({ inputBytes: 0, directory: '/' })

    const status = await run(['status'])
    expect([status.exitCode, status.stdout]).toEqual([0, expect.stringContaining('Entra ID, through the Azure CLI')])
  })

  it('serves every command that asks the service', async () => {
    const { path } = signedIn({ expiresOn: '2099-11-29 13:00:52.801000' })
    const source = ['--endpoint', emulator.endpoint]
    const created = await run(['user', 'create', ...source], { PATH: path })
    const user = created.stdout.trim()
    expect(user).toMatch(/^8:acs:/)
    const runs = [
      ['issue', '--scope', 'chat', '--user', user, ...source],
      ['revoke', '--user', user, '--yes', ...source],
      ['user', 'delete', user, '--yes', ...source],
    ]
    for (const args of runs) expect(await run(args, { PATH: path })).toMatchObject({ exitCode: 0 })
  })

  it('takes a host alone, and the tenant of a subscription', async () => {
    const az = signedIn()
    const { host } = new URL(emulator.endpoint)
    const args = ['issue', '--scope', 'chat', '--endpoint', host, '--subscription', SUBSCRIPTION]
    expect(await run(args, { PATH: az.path })).toMatchObject({ exitCode: 0 })
    expect(az.calls()[0]?.args).toEqual([...ASKS, '--subscription', SUBSCRIPTION, ...COMMON])
  })

  it('lets exec and token renew what has expired, without a key in the environment', async () => {
    const { path } = signedIn()
    await run(['setup', '--no-verify', '--endpoint', emulator.endpoint], { PATH: path })
    const before = storedToken(home)
    setExpiry(home, inMinutes(-5))
    const token = await run(['token'], { PATH: path })
    expect([token.exitCode, token.stdout.trim() === before]).toEqual([0, false])
    const exec = await run(['exec', '--', 'env'], { PATH: path })
    expect(exec.stdout).toContain(`AZURE_COMMUNICATION_ACCESS_TOKEN=${storedToken(home)}`)
    expect(exec.stdout).not.toContain('AZURE_COMMUNICATION_CONNECTION_STRING')
  })

  it('gives exec, env and token a token for one run, and no connection string, with nothing stored', async () => {
    const env = { PATH: signedIn().path, AZURE_COMMUNICATION_CONNECTION_STRING: 'of another resource' }
    const source = ['--endpoint', emulator.endpoint]
    const exec = await run(['exec', ...source, '--', 'env'], env)
    expect([exec.exitCode, exec.stderr]).toEqual([0, ''])
    expect(exec.stdout).toMatch(/^AZURE_COMMUNICATION_ACCESS_TOKEN=eyJ/m)
    expect(exec.stdout).not.toContain('AZURE_COMMUNICATION_CONNECTION_STRING')
    const values = JSON.parse((await run(['env', '--json', ...source], env)).stdout) as object
    expect(Object.keys(values)).toEqual(['AZURE_COMMUNICATION_ACCESS_TOKEN'])
    expect(await run(['token', ...source], env)).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^eyJ/) })
    expect(existsSync(join(home.path, '.config'))).toBe(false)
  })

  it('notes that the stored token is dead once it has revoked it, or deleted its identity', async () => {
    const { path } = signedIn()
    const stored = ['setup', '--no-verify', '--json', '--endpoint', emulator.endpoint]
    const { user_id: user } = JSON.parse((await run(stored, { PATH: path })).stdout) as { user_id: string }
    expect((await run(['revoke', '--yes'], { PATH: path })).stderr).toContain('The stored token is one of them')
    expect(await run(['status'])).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('was revoked') })
    expect(await run(['refresh'], { PATH: path })).toMatchObject({ exitCode: 0 })
    expect((await run(['user', 'delete', user, '--yes'], { PATH: path })).stderr).toContain(
      'The stored token was for it',
    )
    expect(await run(['status'])).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('was deleted') })
  })

  it.each([
    ['http://contoso.communication.azure.com', 'begins with http://', 'write https://'],
    ['http://127.0.0.1:8484', 'begins with http://', 'emulator with --https'],
    ['https://contoso.communication.azure.com/identities', 'has something after the host name', 'it reads https://'],
    ['https://user@contoso.communication.azure.com', 'has a user name', 'it reads https://'],
    ['endpoint=https://contoso.communication.azure.com/;accesskey=a', 'has an access key in it', 'alone'],
    ['not an address', 'is not an address', 'it reads https://'],
  ])('is not %s', async (endpoint, sentence, hint) => {
    const { exitCode, stderr } = await runHere(['issue', '--scope', 'chat', '--endpoint', endpoint])
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`--endpoint ${sentence}`)])
    expect(stderr).toContain(hint)
  })

  it.each([
    ['--no-token', '--no-token and --endpoint do not go together.'],
    ['--as=OTHER', '--endpoint and --as do not go together.'],
    ['--access-token-stdin', '--access-token-stdin and --endpoint do not go together.'],
  ])('does not go with %s', async (option, sentence) => {
    const { exitCode, stderr } = await runHere(['setup', '--endpoint', emulator.endpoint, option])
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(sentence)])
  })
})

describe('--entra-token-command', () => {
  const issue = (command: string): Promise<BuiltRun> =>
    run(['issue', '--scope', 'chat', '--endpoint', emulator.endpoint, '--entra-token-command', command])

  it.each([
    ['the token alone', `${ENTRA_TOKEN}\n`],
    ['the JSON of az', JSON.stringify({ accessToken: ENTRA_TOKEN })],
    ['the JSON of azd', JSON.stringify({ token: ENTRA_TOKEN, expiresOn: '2099-01-01T00:00:00Z' })],
  ])('may print %s', async (_name, text) => {
    expect(await issue(printing(text))).toMatchObject({ exitCode: 0 })
  })

  it('is run again for a token of which little is left, and not before', async () => {
    let now = new Date()
    const claims = Buffer.from(JSON.stringify({ exp: Math.floor(now.getTime() / 1000) + 600 })).toString('base64url')
    const token = home.write('token', `eyJ0eXAiOiJKV1QifQ.${claims}.c2lnbmF0dXJl`)
    const command = `echo asked >> '${home.path}/count'; cat '${token}'`
    const system = makeSystem(home.path, { now: () => now })
    const terminal = createTerminal()
    const reporter = createReporter(terminal, { quiet: true, verbose: false, color: false })
    const supplier = { kind: 'command', command, directory: home.path } as const
    const found = await entraSource('https://localhost', supplier, { system, terminal, reporter }).find()
    if (found?.kind !== 'entra') throw new Error('It is a sign-in.')
    const count = (): number => home.read('count').split('\n').length - 1
    await found.token()
    expect(count()).toBe(1)
    now = new Date(now.getTime() + 7 * 60_000)
    await found.token()
    expect(count()).toBe(1)
    now = new Date(now.getTime() + 2 * 60_000)
    await found.token()
    expect(count()).toBe(2)
  })

  it('is remembered, and run again', async () => {
    const command = printing(ENTRA_TOKEN)
    const args = ['--endpoint', emulator.endpoint, '--entra-token-command', command]
    expect(await run(['setup', '--no-verify', ...args])).toMatchObject({ exitCode: 0 })
    expect(await run(['refresh'])).toMatchObject({ exitCode: 0 })
  })

  it('is not remembered where it has the token in its own text', async () => {
    const args = ['--endpoint', emulator.endpoint, '--entra-token-command', `echo ${ENTRA_TOKEN}`]
    expect(await run(['setup', '--no-verify', ...args])).toMatchObject({ exitCode: 0 })
    expect(home.read('.config/acs-env/state.json')).not.toContain(ENTRA_TOKEN)
    expect(await run(['refresh'])).toMatchObject({ exitCode: 2 })
  })

  it.each([
    ['echo "" ', 2, 'What the command of --entra-token-command printed is not an Entra token.'],
    ['echo please sign in first', 2, 'What the command of --entra-token-command printed is not an Entra token.'],
    ['exit 3', 1, 'The command of --entra-token-command failed: it ended with exit code 3.'],
  ])('%s is an error', async (command, exitCode, sentence) => {
    const args = ['--endpoint', emulator.endpoint, '--entra-token-command', command]
    const ended = await runHere(['issue', '--scope', 'chat', ...args])
    expect([ended.exitCode, ended.stderr]).toEqual([exitCode, expect.stringContaining(sentence)])
  })
})

describe('what goes wrong', () => {
  const issue = (az: AzDouble, endpoint = emulator.endpoint): Promise<BuiltRun> =>
    run(['issue', '--scope', 'chat', '--endpoint', endpoint], { PATH: az.path })

  it.each([
    [
      'AADSTS65002: Consent between first party application must be configured via preauthorization',
      'The Azure CLI may not ask for a token of Communication Services as you (AADSTS65002).',
      '--from-az',
    ],
    [
      'AADSTS50076: you must use multi-factor authentication',
      'Azure wants a second factor or another sign-in from the Azure CLI (AADSTS50076).',
      'az login --scope https://communication.azure.com//.default',
    ],
    ["Please run 'az login' to setup account.", 'The Azure CLI is not signed in.', 'az login'],
  ])('the Azure CLI says %s', async (said, sentence, hint) => {
    const { path } = refusing(`ERROR: ${said}\nTrace ID: x\n`)
    const args = ['issue', '--scope', 'chat', '--endpoint', emulator.endpoint]
    const { exitCode, stdout, stderr } = await runHere(args, { PATH: path })
    expect([exitCode, stdout]).toEqual([1, ''])
    expect(stderr).toContain(`error: ${sentence}\n`)
    expect(stderr).toContain(hint)
  })

  /** A service that answers like this over https, with a token that is good. */
  async function issueFrom(answer: Answer): Promise<BuiltRun & { readonly requests: number }> {
    const service = await startFaultyService(answer, certificate)
    try {
      const endpoint = service.connectionString.replace(/^endpoint=|;.*$/g, '').replace('127.0.0.1', 'localhost')
      return { ...(await issue(signedIn(), endpoint)), requests: service.requests() }
    } finally {
      await service.close()
    }
  }

  it('the user has no role on the resource', async () => {
    const denied = json(401, { error: { code: 'Denied', message: 'Denied by the resource provider.' } })
    const { exitCode, stderr } = await issueFrom(denied)
    expect([exitCode, stderr]).toEqual([4, expect.stringMatching(/localhost:\d+ refused the Entra token \(Denied\)\./)])
    expect(stderr).toContain('needs a role on the resource')
  })

  it('conditional access wants another sign-in', async () => {
    const challenge = 'Bearer authorization_uri="https://x/", error="insufficient_claims", claims="eyJhIjoxfQ=="'
    const body = { error: { code: 'Denied', message: 'no' } }
    const { exitCode, stderr, requests } = await issueFrom(json(401, body, { 'www-authenticate': challenge }))
    expect([exitCode, requests]).toEqual([1, 1])
    expect(stderr).toMatch(/wants a newer sign-in at Entra ID/)
    expect(stderr).toContain('az login')
  })

  it('the resource takes no keys, and a key was given', async () => {
    const service = await startFaultyService(
      json(403, { error: { code: 'LocalAuthDisabled', message: 'Local authentication is disabled.' } }),
    )
    const args = ['issue', '--scope', 'chat', '--connection-string', service.connectionString]
    const { exitCode, stderr } = await runHere(args)
    await service.close()
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('takes no access keys: local authentication is')])
    expect(stderr).toContain('--endpoint https://127.0.0.1:')
  })
})

describe('the emulator with --entra-token', () => {
  it('needs https, and a whole token', async () => {
    expect(await runHere(['emulator', '--entra-token', 'x'.repeat(20)])).toMatchObject({ exitCode: 2 })
    expect(await runHere(['emulator', '--https', '--entra-token', 'short'])).toMatchObject({ exitCode: 2 })
  })

  it('refuses any other token', async () => {
    const other = `${ENTRA_TOKEN}x`
    const args = ['issue', '--scope', 'chat', '--endpoint', emulator.endpoint, '--entra-token-command', printing(other)]
    const { exitCode, stderr } = await runBuilt(args, {
      home: home.path,
      env: { NODE_EXTRA_CA_CERTS: certificate.certificatePath },
    })
    expect([exitCode, stderr]).toEqual([4, expect.stringContaining('refused the Entra token (Denied).')])
  })
})
