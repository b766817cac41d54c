import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startEmulator } from '../../../src/emulator/server.ts'
import { startFaultyService } from '../../support/doubles/faulty-service.ts'
import { failing, other } from '../../support/doubles/other-services.ts'
import { emulator, home } from '../../support/homes/emulator-and-home.ts'
import { inMinutes, setExpiry, storedToken, storeValues } from '../../support/homes/stored-values.ts'
import { runInWorld, type WorldOptions, type WorldRun } from '../../support/homes/world.ts'
import { runBuilt } from '../../support/programs/built.ts'

const SEEN = 'seen'
/** Writes down what the command gets; `-` stands for a variable that is not there. */
const WRITE_DOWN = [
  'sh',
  '-c',
  'printf "%s\\n" "${AZURE_COMMUNICATION_CONNECTION_STRING--}" "${AZURE_COMMUNICATION_ACCESS_TOKEN--}" > "$HOME/seen"',
]
const exec = (args: readonly string[] = [], options: WorldOptions = {}): Promise<WorldRun> =>
  runInWorld(['exec', ...args, '--', ...WRITE_DOWN], home.path, options)
const seen = (): readonly string[] => readFileSync(join(home.path, SEEN), 'utf8').split('\n').slice(0, 2)
const wasRun = (): boolean => existsSync(join(home.path, SEEN))

async function setUp(...args: readonly string[]): Promise<string> {
  const run = await runInWorld(
    ['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args],
    home.path,
  )
  expect(run.exitCode).toBe(0)
  return storedToken(home) ?? ''
}

/** A store of this service. */
function storeFor({ connectionString }: { readonly connectionString: string }, expiresOn: Date): void {
  const [, endpoint = ''] = /endpoint=(.*?);/.exec(connectionString) ?? []
  storeValues(home, { connectionString, endpoint, accessToken: 'tok', expiresOn, userId: '8:acs:a_b' })
}

/** One whose service refuses everything, and counts. */
const storeForFailing = (expiresOn: Date): void => storeFor(failing, expiresOn)

describe('exec and a token with little left', () => {
  it('renews it in place first', async () => {
    const before = await setUp()
    setExpiry(home, inMinutes(9))
    expect(await exec()).toMatchObject({ exitCode: 0, stderr: '' })
    const after = storedToken(home)
    expect(after).not.toBe(before)
    expect(seen()).toEqual([emulator.connectionString, after])
  })

  it('renews one that has little left by the clock', async () => {
    const before = await setUp()
    expect(await exec([], { now: () => inMinutes(24 * 60 - 9) })).toMatchObject({ exitCode: 0, stderr: '' })
    expect([seen()[1] === storedToken(home), seen()[1] === before]).toEqual([true, false])
  })

  it('takes the connection string from the command line once, for the request and for the command', async () => {
    await setUp('--token-only')
    setExpiry(home, inMinutes(5))
    home.write('connection-string', emulator.connectionString)
    const command = `echo x >> '${home.path}/count'; cat '${home.path}/connection-string'`
    expect(await exec(['--connection-string-command', command])).toMatchObject({ exitCode: 0, stderr: '' })
    expect([home.read('count'), seen()[1]]).toEqual(['x\n', storedToken(home)])
  })

  it('reads the connection string from standard input once', async () => {
    const before = await setUp()
    setExpiry(home, inMinutes(5))
    const args = ['exec', '--connection-string-stdin', '--', ...WRITE_DOWN]
    const run = await runBuilt(args, { home: home.path, input: `${emulator.connectionString}\n` })
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(seen()).toEqual([emulator.connectionString, storedToken(home)])
    expect(storedToken(home)).not.toBe(before)
  })

  it.each([11, 24 * 60])('leaves one with %i minutes, and asks nothing of the service', async (minutes) => {
    storeForFailing(inMinutes(minutes))
    const asked = failing.requests()
    expect(await exec()).toMatchObject({ exitCode: 0, stderr: '' })
    expect([seen()[1], failing.requests() - asked]).toEqual(['tok', 0])
  })

  it.each([
    ['refuses', 403],
    ['is down', 0],
  ])('warns where the service %s, and runs the command with what is left', async (_, status) => {
    storeForFailing(inMinutes(5))
    if (status === 0) await storeForClosed(inMinutes(5))
    const run = await exec()
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toMatch(/^warning: the token is good for \d+ min more and could not be renewed: .*\n$/)
    expect(seen()[1]).toBe('tok')
  })

  it('does not run the command where the token has expired and the service is down', async () => {
    await storeForClosed(inMinutes(-1))
    const run = await exec()
    expect([run.exitCode, run.stdout, wasRun()]).toEqual([1, '', false])
    expect(run.stderr).toMatch(/^error: 127\.0\.0\.1:\d+ refused the connection\.\nhint: .*\n$/)
    expect(storedToken(home)).toBe('tok')
  })

  it('tells 4 where the token has expired and the service refuses the key', async () => {
    storeForFailing(inMinutes(-1))
    expect([(await exec()).exitCode, wasRun()]).toEqual([4, false])
  })

  async function storeForClosed(expiresOn: Date): Promise<void> {
    const closed = await startEmulator({ port: 0 })
    await closed.close()
    const { connectionString, endpoint } = closed
    storeValues(home, { connectionString, endpoint, accessToken: 'tok', expiresOn, userId: '8:acs:a_b' })
  }
})

describe.each([
  ['exec', ['exec', '--', ...WRITE_DOWN]],
  ['token', ['token']],
])('a signal that comes to %s', (_, args) => {
  const CANCELLED = { exitCode: 130, stdout: '' }

  it.each(['SIGINT', 'SIGTERM'] as const)('cancels while the service is asked: %s', async (signal) => {
    const service = await startFaultyService(() => undefined)
    storeFor(service, inMinutes(5))
    const run = await runBuilt(args, { home: home.path, interrupts: { signal, when: () => service.requests() > 0 } })
    await service.close()
    expect(run).toMatchObject({ ...CANCELLED, stderr: 'Cancelled; nothing was changed.\n' })
    expect([wasRun(), storedToken(home)]).toEqual([false, 'tok'])
  })

  it('cancels while the new token is being stored, and says that it is', async () => {
    const before = await setUp()
    setExpiry(home, inMinutes(5))
    const signals = [AbortSignal.abort()]
    // The one around the renewal sees it; for the one in it, it came too late.
    const interruptible: WorldOptions['interruptible'] = (work) => work(signals.pop() ?? new AbortController().signal)
    const run = await runInWorld(args, home.path, { interruptible })
    expect(run).toEqual({ ...CANCELLED, stderr: 'Cancelled; the token is renewed.\n' })
    expect([wasRun(), storedToken(home) === before]).toEqual([false, false])
  })

  it('cancels while it waits for another run', async () => {
    storeFor(failing, inMinutes(5))
    home.write('.config/acs-env/lock', String(process.pid))
    const when = (stderr: string): boolean => stderr.includes('waiting')
    const [command = '', ...rest] = args
    const verbose = [command, '--verbose', ...rest]
    const run = await runBuilt(verbose, { home: home.path, interrupts: { signal: 'SIGINT', when } })
    expect(run).toMatchObject({ ...CANCELLED, stderr: expect.stringMatching(/\nCancelled; nothing was changed\.\n$/) })
    expect(wasRun()).toBe(false)
  })
})

describe('exec and a connection string in the environment', () => {
  const fromEnvironment = (connectionString: string): WorldOptions => ({
    env: { AZURE_COMMUNICATION_CONNECTION_STRING: connectionString, AZURE_COMMUNICATION_ACCESS_TOKEN: 'of the shell' },
  })

  it('says nothing where it is the stored one', async () => {
    const token = await setUp()
    expect(await exec([], fromEnvironment(emulator.connectionString))).toMatchObject({ exitCode: 0, stderr: '' })
    expect(seen()).toEqual([emulator.connectionString, token])
  })

  it('leaves the stored token out where it is of another resource, and says so', async () => {
    await setUp()
    const run = await exec([], fromEnvironment(other.connectionString))
    expect(run.exitCode).toBe(0)
    expect(run.stderr).toContain('note: using AZURE_COMMUNICATION_CONNECTION_STRING in the environment')
    expect(run.stderr).toMatch(/^warning: the stored token is left out: it does not belong to 127\.0\.0\.1:\d+\.$/m)
    expect(seen()).toEqual([other.connectionString, '-'])
  })

  it('does so also where what was remembered of the token is lost', async () => {
    await setUp()
    home.write('.config/acs-env/state.json', '{')
    await exec([], fromEnvironment(other.connectionString))
    expect(seen()).toEqual([other.connectionString, '-'])
  })

  it('does so also where the token alone is stored', async () => {
    const token = await setUp('--token-only')
    expect((await exec([], fromEnvironment(other.connectionString))).stderr).toContain('left out')
    expect(seen()[1]).toBe('-')
    await exec([], fromEnvironment(emulator.connectionString))
    expect(seen()[1]).toBe(token)
  })

  it('renews for it, and says which one was used once', async () => {
    await setUp()
    setExpiry(home, inMinutes(5))
    const anotherKey = emulator.connectionString.replace(/accesskey=.*/, 'accesskey=a2V5')
    const run = await exec([], fromEnvironment(anotherKey))
    expect(run.stderr.split('note: using')).toHaveLength(2)
    expect(run.stderr).toMatch(/^warning: the token is good for .* refused the access key/m)
  })

  it('is enough where nothing is stored: the token is of this run alone', async () => {
    const run = await exec([], { env: { AZURE_COMMUNICATION_CONNECTION_STRING: other.connectionString } })
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(seen()).toEqual([other.connectionString, expect.stringMatching(/^eyJ/)])
    expect(storedToken(home)).toBeUndefined()
  })
})

describe('exec and the value that setup did not store', () => {
  it('gives the token alone after --token-only', async () => {
    const token = await setUp('--token-only')
    expect(await exec()).toMatchObject({ exitCode: 0, stderr: '' })
    expect(seen()).toEqual(['-', token])
  })

  it('gives the connection string alone after --no-token', async () => {
    await setUp('--no-token')
    expect(await exec()).toMatchObject({ exitCode: 0, stderr: '' })
    expect(seen()).toEqual([emulator.connectionString, '-'])
  })

  it('gives values that are in the profile itself, and renews them there', async () => {
    await setUp('--inline')
    setExpiry(home, inMinutes(5))
    expect(await exec()).toMatchObject({ exitCode: 0, stderr: '' })
    expect(seen()[0]).toBe(emulator.connectionString)
    expect(home.read('.bash_profile')).toContain(`export AZURE_COMMUNICATION_ACCESS_TOKEN='${seen()[1]}'`)
  })
})
