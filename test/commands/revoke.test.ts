import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { json, startFaultyService } from '../support/doubles/faulty-service.ts'
import { failing, other } from '../support/doubles/other-services.ts'
import { acs, built, createUser, emulator, home } from '../support/homes/emulator-and-home.ts'
import { readTree } from '../support/homes/home.ts'
import { storeValues } from '../support/homes/stored-values.ts'
import { runBuilt } from '../support/programs/built.ts'
import { KEYS, runInTerminal } from '../support/programs/pty.ts'

const UNKNOWN_USER = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'
const host = (): string => new URL(emulator.endpoint).host
const inEnvironment = ({ connectionString }: { readonly connectionString: string }): Record<string, string> => ({
  AZURE_COMMUNICATION_CONNECTION_STRING: connectionString,
})
const revoked = (user: string): string =>
  `✓ Revoked all tokens of ${user}; it takes up to 15 minutes to be known everywhere.\n`

const revokedStored = (user: string): string =>
  `${revoked(user)}The stored token is one of them; "acs-env refresh" issues a new one.\n`

/** Stores a pair of the emulator; resolves to its identity. */
async function setUp(): Promise<string> {
  const run = await acs(['setup', '--no-verify', '--json', '--connection-string', emulator.connectionString])
  return (JSON.parse(run.stdout) as { readonly user_id: string }).user_id
}

describe('revoke', () => {
  it('revokes the tokens of the identity that is named, and says so on standard error alone', async () => {
    const user = await createUser()
    expect(await built(['revoke', '--user', user, '--yes'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: revoked(user),
    })
  })

  it('knows the option by the name that the Azure CLI has for it', async () => {
    const user = await createUser()
    expect(await built(['revoke', '--userid', user, '-y'])).toMatchObject({ exitCode: 0, stderr: revoked(user) })
  })

  it('asks the service for that alone: the identity stays', async () => {
    const asked: string[] = []
    const service = await startFaultyService(({ method, url }, response) => {
      asked.push(`${method} ${new URL(url ?? '', 'http://localhost').pathname}`)
      response.writeHead(204).end()
    })
    await built(['revoke', '--user', UNKNOWN_USER, '--yes'], { env: inEnvironment(service) })
    await service.close()
    expect(asked.map(decodeURIComponent)).toEqual([`POST /identities/${UNKNOWN_USER}/:revokeAccessTokens`])
  })

  it('says nothing with --quiet', async () => {
    const user = await createUser()
    expect(await built(['revoke', '--user', user, '--yes', '--quiet'])).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: '',
    })
  })

  it('prints one document with --json', async () => {
    const user = await createUser()
    expect(await built(['revoke', '--user', user, '--yes', '--json'])).toMatchObject({
      exitCode: 0,
      stdout: `{"user_id":"${user}","revoked":true}\n`,
      stderr: '',
    })
  })

  it('asks nothing of the service with --dry-run, and needs no --yes', async () => {
    const asked = failing.requests()
    const env = inEnvironment(failing)
    const text = await built(['revoke', '--user', UNKNOWN_USER, '--dry-run'], { env })
    expect(text).toMatchObject({ exitCode: 0, stderr: '' })
    expect(text.stdout.replace(/:\d+\.$/m, ':PORT.')).toBe(
      `Would revoke all tokens of ${UNKNOWN_USER} at 127.0.0.1:PORT.\n`,
    )
    expect(await built(['revoke', '--user', UNKNOWN_USER, '--dry-run', '--json'], { env })).toMatchObject({
      exitCode: 0,
      stdout: '{"dry_run":true}\n',
      stderr: '',
    })
    expect(failing.requests()).toBe(asked)
  })
})

describe('revoke where no identity is named', () => {
  it('is about the stored one, with the stored connection string, and changes no file but the state', async () => {
    const user = await setUp()
    const before = readTree(home.path)
    expect(await runBuilt(['revoke', '--yes'], { home: home.path })).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: revokedStored(user),
    })
    const state = join(home.path, '.config/acs-env/state.json')
    expect(readTree(home.path)).toEqual({ ...before, [state]: expect.stringContaining('"reason": "revoked"') })
  })

  it('finds it in the state where the token is lost', async () => {
    const user = await setUp()
    home.write('.config/acs-env/access-token', '')
    expect(await built(['revoke', '--yes'])).toMatchObject({ exitCode: 0, stderr: revokedStored(user) })
  })

  it('finds it in the token where the state is lost', async () => {
    const user = await setUp()
    home.write('.config/acs-env/state.json', '')
    expect(await built(['revoke', '--yes'])).toMatchObject({ exitCode: 0, stderr: revokedStored(user) })
  })

  it('is wrong usage where none is stored: 2', async () => {
    expect(await built(['revoke', '--yes'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'error: No identity is stored.\nhint: name one with --user ID\n',
    })
    expect(home.list()).toEqual([])
  })

  it('is refused where the connection string in the environment is of another resource, and says which it used: 4', async () => {
    await setUp()
    const used = new URL(other.endpoint).host
    const run = await built(['revoke', '--yes'], { env: inEnvironment(other) })
    expect(run).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr:
        `note: using AZURE_COMMUNICATION_CONNECTION_STRING in the environment (${used}); ` +
        'the stored connection string is another one.\n' +
        `error: ${used} has no such identity: it belongs to another resource or was deleted.\n` +
        'hint: check the id and the connection string\n',
    })
  })
})

describe('revoke asks first', () => {
  it.each([
    [[], 'error: This cannot be undone, and there is no terminal to ask at.\nhint: give --yes\n'],
    [
      ['--json'],
      '{"error":{"code":"not_confirmed","message":"This cannot be undone, and there is no terminal to ask at.","hint":"give --yes"}}\n',
    ],
  ])('and without a terminal it takes --yes, before the service is asked: 2 %j', async (options, stderr) => {
    const asked = failing.requests()
    const run = await built(['revoke', '--user', UNKNOWN_USER, ...options], { env: inEnvironment(failing) })
    expect(run).toMatchObject({ exitCode: 2, stdout: '', stderr })
    expect(failing.requests()).toBe(asked)
  })

  it.for<[string, string, number, number]>([
    ['"y" revokes', 'y', 0, 1],
    ['"n" does not', 'n', 130, 0],
    ['Enter alone does not', KEYS.enter, 130, 0],
  ])('at a terminal, where %s', async ([, key, exitCode, requests], context) => {
    const service = await startFaultyService(json(204, undefined))
    const run = runInTerminal(['revoke', '--user', UNKNOWN_USER], {
      home: home.path,
      nodePath: process.execPath,
      env: inEnvironment(service),
      columns: 300,
    })
    context.onTestFinished(async () => {
      run.kill('SIGKILL')
      await service.close()
    })
    await run.waitFor(`Revoke all tokens of ${UNKNOWN_USER}?`)
    expect(service.requests()).toBe(0)
    run.type(key)
    expect((await run.exit()).exitCode).toBe(exitCode)
    expect(service.requests()).toBe(requests)
  })
})

describe('revoke that fails', () => {
  it('for an identity that the resource does not have, in a document with --json: 4', async () => {
    const run = await built(['revoke', '--user', UNKNOWN_USER, '--yes', '--json'])
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
    const run = await built(['revoke', '--user', UNKNOWN_USER, '--yes'], { env: inEnvironment(failing) })
    expect(run).toMatchObject({ exitCode: 4, stdout: '' })
    expect(run.stderr).toMatch(/^error: 127\.0\.0\.1:\d+ refused the access key \(Denied\)\.\nhint: /)
  })

  it('where there is no connection string for the stored identity: 2', async () => {
    storeValues(home, { userId: UNKNOWN_USER })
    expect(await runBuilt(['revoke', '--yes'], { home: home.path })).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error: There is no connection string\.\nhint: /),
    })
  })

  it('for what is no identity, without repeating it: 2', async () => {
    expect(await built(['revoke', '--user', 'not-an-identity', '--yes'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'error: This is not the id of an identity.\nhint: it reads 8:acs:<resource>_<user>\n',
    })
  })

  it('for an identity without --user before it, as it would otherwise be the stored one: 2', async () => {
    await setUp()
    expect(await built(['revoke', UNKNOWN_USER, '--yes'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'error: An argument is one argument too many.\nhint: "acs-env revoke --help" lists what there is\n',
    })
  })

  it('does not say that nothing was changed where it was cancelled after it had asked: 130', async () => {
    const silent = await startFaultyService(() => undefined)
    const run = await built(['revoke', '--user', UNKNOWN_USER, '--yes'], {
      env: inEnvironment(silent),
      interrupts: { signal: 'SIGINT', when: () => silent.requests() > 0 },
    })
    await silent.close()
    expect(run).toMatchObject({
      exitCode: 130,
      stdout: '',
      stderr: 'Cancelled; whether the tokens were revoked is not known.\n',
    })
  })
})
