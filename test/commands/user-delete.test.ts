import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { json, startFaultyService, type FaultyService } from '../support/doubles/faulty-service.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { storeValues } from '../support/homes/stored-values.ts'
import { runInWorld, type WorldOptions, type WorldRun } from '../support/homes/world.ts'
import { runBuilt } from '../support/programs/built.ts'

const UNKNOWN_USER = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'
const ID = /^8:acs:[\da-f-]{36}_[\da-f-]{36}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

let emulator: Emulator
let other: Emulator
let counting: FaultyService
let home: TestHome
beforeAll(async () => {
  ;[emulator, other, counting] = await Promise.all([
    startEmulator({ port: 0 }),
    startEmulator({ port: 0 }),
    startFaultyService(json(204, undefined)),
  ])
})
afterAll(() => Promise.all([emulator.close(), other.close(), counting.close()]))
beforeEach(() => {
  home = makeHome()
})
afterEach(() => home.remove())

/** Runs with the emulator's connection string in the environment. */
const acsEnv = (line: string, options: WorldOptions = {}): Promise<WorldRun> =>
  runInWorld(line.split(' '), home.path, { env: inEnvironment(emulator), ...options })
const inEnvironment = ({ connectionString }: { readonly connectionString: string }): Record<string, string> => ({
  AZURE_COMMUNICATION_CONNECTION_STRING: connectionString,
})
const createUser = async (): Promise<string> => (await acsEnv('user create')).stdout.trim()

describe('user create', () => {
  it('prints the id alone', async () => {
    const run = await acsEnv('user create')
    expect(run).toEqual({ exitCode: 0, stdout: expect.stringMatching(/^8:acs:[\da-f_-]+\n$/), stderr: '' })
    expect((await acsEnv('user create')).stdout).not.toBe(run.stdout)
  })

  it('prints with --json what the Azure CLI prints', async () => {
    const { stdout, stderr } = await acsEnv('user create --json')
    const document = JSON.parse(stdout) as { readonly rawId: string }
    expect(document).toEqual({ properties: { id: expect.stringMatching(ID) }, rawId: expect.stringMatching(ID) })
    expect([document, stderr]).toEqual([{ properties: { id: document.rawId }, rawId: document.rawId }, ''])
  })

  it('makes an identity that tokens can be issued for', async () => {
    const user = await createUser()
    const { stdout } = await acsEnv(`issue --scope chat --user ${user} --json`)
    expect(JSON.parse(stdout)).toMatchObject({ user_id: user })
  })

  it('makes none with --dry-run', async () => {
    const env = inEnvironment(counting)
    const asked = counting.requests()
    expect((await acsEnv('user create --dry-run', { env })).stdout).toMatch(/^Would make an identity in 127/)
    expect(JSON.parse((await acsEnv('user create --dry-run --json', { env })).stdout)).toEqual({ dry_run: true })
    expect(counting.requests()).toBe(asked)
  })
})

describe('issue', () => {
  it('prints with --json what the Azure CLI prints', async () => {
    const { stdout, stderr } = await acsEnv('issue --scope chat voip --json')
    const document = JSON.parse(stdout) as { readonly expires_on: string }
    expect(document).toEqual({
      expires_on: expect.stringMatching(TIME),
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      user_id: expect.stringMatching(ID),
    })
    expect(stderr).toBe('')
    expect((Date.parse(document.expires_on) - Date.now()) / 3_600_000).toBeCloseTo(24, 1)
  })

  it('prints the token alone without it, and for whom on standard error', async () => {
    const user = await createUser()
    const run = await acsEnv(`issue --scope chat --userid ${user}`)
    expect(run.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    expect(run.stderr).toContain(`note: for ${user}, until `)
    expect((await acsEnv(`issue --scope chat --user ${user} --quiet`)).stderr).toBe('')
  })

  it('tells 4 for an identity of another resource', async () => {
    const user = await createUser()
    const run = await acsEnv(`issue --scope chat --user ${user}`, { env: inEnvironment(other) })
    expect([run.exitCode, run.stdout]).toEqual([4, ''])
    expect(run.stderr).toMatch(/^error: .* has no such identity/)
  })
})

describe.each([
  { line: 'user delete', name: (user: string) => ` ${user}`, done: 'deleted', what: 'the identity was' },
  { line: 'revoke', name: (user: string) => ` --user ${user}`, done: 'revoked', what: 'the tokens were' },
])('$line', ({ line, name, done, what }) => {
  it('prints nothing on standard output', async () => {
    const user = await createUser()
    const run = await acsEnv(`${line}${name(user)} --yes`)
    expect([run.exitCode, run.stdout]).toEqual([0, ''])
    expect(run.stderr).toMatch(new RegExp(`^✓ ${done}.*${user}`, 'i'))
    const quiet = await acsEnv(`${line}${name(await createUser())} --yes --quiet`)
    expect(quiet).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  it('prints one document with --json', async () => {
    const user = await createUser()
    const run = await acsEnv(`${line}${name(user)} --yes --json`)
    expect([JSON.parse(run.stdout), run.stderr]).toEqual([{ user_id: user, [done]: true }, ''])
  })

  it('needs --yes without a terminal, and asks nothing of the service before', async () => {
    const asked = counting.requests()
    const run = await acsEnv(`${line}${name(UNKNOWN_USER)}`, { env: inEnvironment(counting) })
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toBe('error: This cannot be undone, and there is no terminal to ask at.\nhint: give --yes\n')
    expect(counting.requests()).toBe(asked)
    await acsEnv(`${line}${name(UNKNOWN_USER)} --yes`, { env: inEnvironment(counting) })
    expect(counting.requests()).toBe(asked + 1)
  })

  it('asks nothing of the service with --dry-run', async () => {
    const asked = counting.requests()
    const run = await acsEnv(`${line}${name(UNKNOWN_USER)} --dry-run`, { env: inEnvironment(counting) })
    expect([run.exitCode, run.stderr, counting.requests()]).toEqual([0, '', asked])
    expect(run.stdout).toMatch(new RegExp(`^Would .*${UNKNOWN_USER} `))
  })

  it('tells 4 for an identity that the resource does not have', async () => {
    const run = await acsEnv(`${line}${name(UNKNOWN_USER)} --yes`)
    expect([run.exitCode, run.stdout]).toEqual([4, ''])
    expect(run.stderr).toMatch(/^error: 127\.0\.0\.1:\d+ has no such identity: it belongs to another resource/)
    const document = await acsEnv(`${line}${name(UNKNOWN_USER)} --yes --json`)
    expect([document.stdout, JSON.parse(document.stderr)]).toEqual([
      '',
      { error: expect.objectContaining({ code: 'identity_not_owned' }) },
    ])
  })

  it('does not say that nothing was changed where it was cancelled after it had asked', async () => {
    const silent = await startFaultyService(() => undefined)
    const run = await runBuilt(`${line}${name(UNKNOWN_USER)} --yes`.split(' '), {
      home: home.path,
      env: inEnvironment(silent),
      interrupts: { signal: 'SIGINT', when: () => silent.requests() > 0 },
    })
    await silent.close()
    expect(run).toMatchObject({ exitCode: 130, stdout: '' })
    expect(run.stderr).toBe(`Cancelled; whether ${what} ${done} is not known.\n`)
  })

  it('is wrong usage for what is no identity, and repeats nothing of it', async () => {
    const run = await acsEnv(`${line}${name('not-an-identity')} --yes`)
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toContain('is not the id of an identity')
    expect(run.stderr).not.toContain('not-an-identity')
  })
})

describe('what a deletion and a revocation leave', () => {
  it('an identity that was deleted is gone', async () => {
    const user = await createUser()
    await acsEnv(`user delete ${user} --yes`)
    expect((await acsEnv(`issue --scope chat --user ${user}`)).exitCode).toBe(4)
    expect((await acsEnv(`user delete ${user} --yes`)).exitCode).toBe(4)
  })

  it('revoke is about the stored identity where none is named', async () => {
    await runInWorld(['setup', '--connection-string', emulator.connectionString], home.path)
    const { user_id: user } = JSON.parse((await acsEnv('token --json')).stdout) as { readonly user_id: string }
    expect(JSON.parse((await acsEnv('revoke --yes --json')).stdout)).toEqual({ user_id: user, revoked: true })
  })

  it('revoke is wrong usage where none is named and none is stored', async () => {
    const run = await acsEnv('revoke --yes')
    expect([run.exitCode, run.stderr]).toEqual([2, 'error: No identity is stored.\nhint: name one with --user ID\n'])
  })
})

describe('where the connection string comes from', () => {
  const lines = [
    'user create',
    `issue --scope chat`,
    `revoke --user ${UNKNOWN_USER} --yes`,
    `user delete ${UNKNOWN_USER} --yes`,
  ]
  const differs =
    /^note: using AZURE_COMMUNICATION_CONNECTION_STRING in the environment \(127.*; the stored connection string is another one\.$/m

  it.each(lines)('for "%s" it is the environment before the store, and a line says so', async (line) => {
    storeValues(home, { connectionString: other.connectionString })
    const asked = counting.requests()
    const run = await acsEnv(line, { env: inEnvironment(counting) })
    expect(run.stderr).toMatch(differs)
    expect(counting.requests()).toBeGreaterThan(asked)
  })

  it.each(lines)('for "%s" it is the store where the environment has none', async (line) => {
    storeValues(home, { connectionString: counting.connectionString })
    const asked = counting.requests()
    const run = await acsEnv(line, { env: {} })
    expect(run.stderr).not.toContain('note: using')
    expect(counting.requests()).toBeGreaterThan(asked)
  })

  it.each(lines)('for "%s" it is the command line before both', async (line) => {
    storeValues(home, { connectionString: other.connectionString })
    const asked = counting.requests()
    const args = [...line.split(' '), '--connection-string', counting.connectionString]
    const run = await runInWorld(args, home.path, { env: inEnvironment(emulator) })
    expect(run.stderr).not.toContain('note: using')
    expect(counting.requests()).toBeGreaterThan(asked)
  })

  it.each(lines)('for "%s" it has to be somewhere', async (line) => {
    const run = await acsEnv(line, { env: {} })
    expect([run.exitCode, run.stdout]).toEqual([2, ''])
    expect(run.stderr).toMatch(/^error: There is no connection string\.\nhint: /)
  })

  it('is the environment also where the store cannot be read', async () => {
    home.write('.config/acs-env/connection-string/not-a-file', '')
    expect(await acsEnv('user create')).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('is said nothing of where both are the same in other words', async () => {
    storeValues(home, { connectionString: emulator.connectionString })
    const env = {
      AZURE_COMMUNICATION_CONNECTION_STRING: `${emulator.connectionString.replace('endpoint', 'Endpoint')};`,
    }
    expect(await acsEnv('user create', { env })).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it('is the configuration of the Azure CLI last, in the built program too', async () => {
    home.write('.azure/config', `[communication]\nconnection_string = ${emulator.connectionString}\n`)
    const run = await runBuilt(['user', 'create'], { home: home.path })
    expect(run).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^8:acs:/) })
  })
})
