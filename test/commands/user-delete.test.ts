import { describe, expect, it } from 'vitest'
import { startFaultyService } from '../support/doubles/faulty-service.ts'
import { failing, other } from '../support/doubles/other-services.ts'
import { acs, built, createUser, emulator, home } from '../support/homes/emulator-and-home.ts'
import { KEYS, runInTerminal } from '../support/programs/pty.ts'

const UNKNOWN_USER = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'
const host = (): string => new URL(emulator.endpoint).host
const inEnvironment = ({ connectionString }: { readonly connectionString: string }): Record<string, string> => ({
  AZURE_COMMUNICATION_CONNECTION_STRING: connectionString,
})
/** Tokens are issued for an identity as long as it exists. */
const exists = async (user: string): Promise<boolean> =>
  (await acs(['issue', '--scope', 'chat', '--user', user, '--connection-string', emulator.connectionString]))
    .exitCode === 0

describe('user delete', () => {
  it('deletes the identity, and says so on standard error alone', async () => {
    const user = await createUser()
    expect(await exists(user)).toBe(true)
    expect(await built(['user', 'delete', user, '--yes'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: `✓ Deleted ${user}.\n`,
    })
    expect(await exists(user)).toBe(false)
  })

  it('says nothing with --quiet', async () => {
    const user = await createUser()
    expect(await built(['user', 'delete', user, '-y', '--quiet'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '',
    })
    expect(await exists(user)).toBe(false)
  })

  it('prints one document with --json', async () => {
    const user = await createUser()
    expect(await built(['user', 'delete', user, '--yes', '--json'])).toMatchObject({
      exitCode: 0,
      stdout: `{"user_id":"${user}","deleted":true}\n`,
      stderr: '',
    })
  })

  it('takes an id that was copied with spaces around it', async () => {
    const user = await createUser()
    expect(await built(['user', 'delete', ` ${user}\n`, '--yes'])).toMatchObject({ stderr: `✓ Deleted ${user}.\n` })
  })

  it('asks nothing of the service with --dry-run, and needs no --yes', async () => {
    const asked = failing.requests()
    const env = inEnvironment(failing)
    const text = await built(['user', 'delete', UNKNOWN_USER, '--dry-run'], { env })
    expect(text).toMatchObject({ exitCode: 0, stderr: '' })
    expect(text.stdout.replace(/:\d+\.$/m, ':PORT.')).toBe(`Would delete ${UNKNOWN_USER} from 127.0.0.1:PORT.\n`)
    expect(await built(['user', 'delete', UNKNOWN_USER, '--dry-run', '--json'], { env })).toMatchObject({
      exitCode: 0,
      stdout: '{"dry_run":true}\n',
      stderr: '',
    })
    expect(failing.requests()).toBe(asked)
  })
})

describe('user delete asks first', () => {
  it.each([
    [[], 'error: This cannot be undone, and there is no terminal to ask at.\nhint: give --yes\n'],
    [
      ['--json'],
      '{"error":{"code":"not_confirmed","message":"This cannot be undone, and there is no terminal to ask at.","hint":"give --yes"}}\n',
    ],
  ])('and without a terminal it takes --yes, before the service is asked: 2 %j', async (options, stderr) => {
    const asked = failing.requests()
    const run = await built(['user', 'delete', UNKNOWN_USER, ...options], { env: inEnvironment(failing) })
    expect(run).toMatchObject({ exitCode: 2, stdout: '', stderr })
    expect(failing.requests()).toBe(asked)
  })

  it.for<[string, string, number, boolean]>([
    ['"y" deletes it', 'y', 0, false],
    ['"n" keeps it', 'n', 130, true],
    ['Enter alone keeps it', KEYS.enter, 130, true],
  ])('at a terminal, where %s', async ([, key, exitCode, remains], context) => {
    const user = await createUser()
    const run = runInTerminal(['user', 'delete', user], {
      home: home.path,
      nodePath: process.execPath,
      env: inEnvironment(emulator),
      columns: 300,
    })
    context.onTestFinished(() => run.kill('SIGKILL'))
    await run.waitFor(`Delete ${user} with all its data?`)
    run.type(key)
    expect((await run.exit()).exitCode).toBe(exitCode)
    expect(await exists(user)).toBe(remains)
  })
})

describe('user delete that fails', () => {
  it('for an identity of another resource, which keeps it: 4', async () => {
    const user = await createUser()
    const run = await built(['user', 'delete', user, '--yes'], { env: inEnvironment(other) })
    const otherHost = new URL(other.endpoint).host
    expect(run).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr:
        `error: ${otherHost} has no such identity: it belongs to another resource or was deleted.\n` +
        'hint: check the id and the connection string\n',
    })
    expect(await exists(user)).toBe(true)
  })

  it('for one that was deleted already, in a document with --json: 4', async () => {
    const user = await createUser()
    await built(['user', 'delete', user, '--yes'])
    const run = await built(['user', 'delete', user, '--yes', '--json'])
    expect(run).toMatchObject({ exitCode: 4, stdout: '' })
    expect(JSON.parse(run.stderr)).toEqual({
      error: {
        code: 'identity_not_owned',
        message: `${host()} has no such identity: it belongs to another resource or was deleted.`,
        hint: 'check the id and the connection string',
      },
    })
  })

  it('where the key is refused: 4', async () => {
    const run = await built(['user', 'delete', UNKNOWN_USER, '--yes'], { env: inEnvironment(failing) })
    expect(run).toMatchObject({ exitCode: 4, stdout: '' })
    expect(run.stderr).toMatch(/^error: 127\.0\.0\.1:\d+ refused the access key \(Denied\)\.\nhint: /)
  })

  it('for what is no identity, without repeating it: 2', async () => {
    expect(await built(['user', 'delete', 'not-an-identity', '--yes'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'error: This is not the id of an identity.\nhint: it reads 8:acs:<resource>_<user>\n',
    })
  })

  it('without an id, or with two, since it deletes one: 2', async () => {
    expect(await built(['user', 'delete', '--yes'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'error: ID is missing.\nhint: write "acs-env user delete ID"; "acs-env user delete --help" says more\n',
    })
    const asked = failing.requests()
    const twice = await built(['user', 'delete', UNKNOWN_USER, UNKNOWN_USER, '--yes'], { env: inEnvironment(failing) })
    expect(twice).toMatchObject({ exitCode: 2, stdout: '' })
    expect(failing.requests()).toBe(asked)
  })

  it('does not say that nothing was changed where it was cancelled after it had asked: 130', async () => {
    const silent = await startFaultyService(() => undefined)
    const run = await built(['user', 'delete', UNKNOWN_USER, '--yes'], {
      env: inEnvironment(silent),
      interrupts: { signal: 'SIGINT', when: () => silent.requests() > 0 },
    })
    await silent.close()
    expect(run).toMatchObject({
      exitCode: 130,
      stdout: '',
      stderr: 'Cancelled; whether the identity was deleted is not known.\n',
    })
  })
})
