import { describe, expect, it } from 'vitest'
import { json, startFaultyService } from '../support/doubles/faulty-service.ts'
import { failing, other } from '../support/doubles/other-services.ts'
import { acs, built, createUser, emulator, home } from '../support/homes/emulator-and-home.ts'
import { readTree } from '../support/homes/home.ts'

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/
const UNKNOWN_USER = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'
const host = (): string => new URL(emulator.endpoint).host
const inEnvironment = ({ connectionString }: { readonly connectionString: string }): Record<string, string> => ({
  AZURE_COMMUNICATION_CONNECTION_STRING: connectionString,
})

interface Issued {
  readonly expires_on: string
  readonly token: string
  readonly user_id: string
}

async function issue(...args: readonly string[]): Promise<Issued> {
  const run = await built(['issue', '--json', ...args])
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  return JSON.parse(run.stdout) as Issued
}

/** What the token says it is good for; the claim has the scopes with commas between them. */
function scopesOf({ token }: Issued): readonly string[] {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { acsScope: string }
  return claims.acsScope.split(',')
}

const minutesLeft = ({ expires_on }: Issued): number => (Date.parse(expires_on) - Date.now()) / 60_000

describe('issue', () => {
  it('prints with --json exactly the keys of the Azure CLI, on one line', async () => {
    const run = await built(['issue', '--scope', 'chat', 'voip', '--json'])
    const document = JSON.parse(run.stdout) as Issued
    expect(document).toEqual({
      expires_on: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      token: expect.stringMatching(TOKEN),
      user_id: expect.stringMatching(/^8:acs:[\da-f-]{36}_[\da-f-]{36}$/),
    })
    expect(run).toMatchObject({ exitCode: 0, stdout: `${JSON.stringify(document)}\n`, stderr: '' })
  })

  it('prints the token alone without it, and for whom and until when on standard error', async () => {
    const user = await createUser()
    const run = await built(['issue', '--scope', 'chat', '--user', user], { env: { TZ: 'UTC' } })
    expect(run.exitCode).toBe(0)
    expect(run.stdout.trimEnd()).toMatch(TOKEN)
    expect(run.stdout.endsWith('\n')).toBe(true)
    expect(run.stderr.replace(/\d+ \w{3} \d{4} \d\d:\d\d/, 'TIME')).toBe(`note: for ${user}, until TIME (in 24 h)\n`)
  })

  it('prints the token alone with --quiet, and nothing else', async () => {
    const run = await built(['issue', '--scope', 'chat', '--quiet'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(run.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
  })

  it('makes a new identity each time, in the one request that issues the token', async () => {
    const [first, second] = [await issue('--scope', 'chat'), await issue('--scope', 'chat')]
    expect(first.user_id).not.toBe(second.user_id)
    const asked = failing.requests()
    await built(['issue', '--scope', 'chat'], { env: inEnvironment(failing) })
    expect(failing.requests()).toBe(asked + 1)
  })

  it.each(['--user', '--userid'])('issues it for the identity that %s names', async (option) => {
    const user = await createUser()
    expect(await issue('--scope', 'chat', option, user)).toMatchObject({ user_id: user })
  })

  it('stores nothing, and leaves what is stored alone', async () => {
    await built(['issue', '--scope', 'chat'])
    expect(home.list()).toEqual([])
    await acs([
      'setup',
      '--no-verify',
      '--scope',
      'voip',
      '--expires-in',
      '60',
      '--connection-string',
      emulator.connectionString,
    ])
    const before = readTree(home.path)
    const { user_id } = JSON.parse(home.read('.config/acs-env/state.json')) as { readonly user_id: string }
    const issued = await issue('--scope', 'chat')
    // Identity, scopes and lifetime of the store are for the commands that are about the store.
    expect(issued.user_id).not.toBe(user_id)
    expect([scopesOf(issued), Math.round(minutesLeft(issued))]).toEqual([['chat'], 1440])
    expect(readTree(home.path)).toEqual(before)
  })
})

describe('--scope', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['one', ['--scope', 'chat'], ['chat']],
    ['several in a row', ['--scope', 'chat', 'voip'], ['chat', 'voip']],
    ['the option again', ['--scope', 'chat', '--scope', 'voip'], ['chat', 'voip']],
    ['commas', ['--scope', 'chat,voip'], ['chat', 'voip']],
    ['an equals sign', ['--scope=chat,voip'], ['chat', 'voip']],
    ['one word with a space, as a quoted variable gives', ['--scope', 'chat voip'], ['chat', 'voip']],
    ['capitals, and one scope twice', ['--scope', 'VoIP', 'voip'], ['voip']],
    [
      'every scope',
      ['--scope', 'chat', 'voip', 'chat.join', 'chat.join.limited', 'voip.join'],
      ['chat', 'voip', 'chat.join', 'chat.join.limited', 'voip.join'],
    ],
  ])('takes %s', async (_, args, scopes) => {
    expect(scopesOf(await issue(...args))).toEqual(scopes)
  })

  it.each<[readonly string[], string, string]>([
    [
      [],
      '--scope is missing.',
      'the scopes are chat, voip, chat.join, chat.join.limited, voip.join; for both services write --scope chat voip',
    ],
    [['--scope'], '--scope needs a value.', 'write --scope SCOPE…'],
    [
      ['--scope', 'pstn'],
      '"pstn" is not a scope.',
      'the scopes are chat, voip, chat.join, chat.join.limited, voip.join',
    ],
    [['--scope', 'caht'], '"caht" is not a scope.', 'did you mean "chat"?'],
    [['--scope', ','], 'No scope is given.', 'the scopes are chat, voip, chat.join, chat.join.limited, voip.join'],
  ])('is wrong usage as %j, before the service is asked: 2', async (args, message, hint) => {
    const asked = failing.requests()
    expect(await built(['issue', ...args], { env: inEnvironment(failing) })).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: `error: ${message}\nhint: ${hint}\n`,
    })
    expect(failing.requests()).toBe(asked)
  })
})

describe('--expires-in', () => {
  it.each([
    [[], 1440],
    [['--expires-in', '60'], 60],
    [['--expires-in', '90m'], 90],
    [['--expires-in', '1440'], 1440],
    [['--expires-in=24h'], 1440],
  ])('as %j gives a token of that lifetime', async (args, minutes) => {
    expect(Math.round(minutesLeft(await issue('--scope', 'chat', ...args)))).toBe(minutes)
  })

  const LIMITS = 'the service allows 60 minutes to 24 hours'
  it.each([
    ['59', 'A lifetime of 59 minutes is not possible.', LIMITS],
    ['1441', 'A lifetime of 1441 minutes is not possible.', LIMITS],
    ['25h', 'A lifetime of 1500 minutes is not possible.', LIMITS],
    ['0', 'A lifetime of 0 minutes is not possible.', LIMITS],
    ['soon', 'The lifetime is not a time.', 'write 90m, 24h or a number of minutes'],
  ])('is wrong usage as %s, before the service is asked: 2', async (time, message, hint) => {
    const asked = failing.requests()
    const run = await built(['issue', '--scope', 'chat', '--expires-in', time, '--json'], {
      env: inEnvironment(failing),
    })
    expect(run).toMatchObject({ exitCode: 2, stdout: '' })
    expect(JSON.parse(run.stderr)).toEqual({ error: { code: 'invalid_lifetime', message, hint } })
    expect(failing.requests()).toBe(asked)
  })
})

describe('--dry-run', () => {
  it.each<[string, readonly string[], (user: string) => string]>([
    ['a new identity', ['--scope', 'chat,voip'], () => 'a new identity (chat, voip; for 24 h)'],
    [
      'one that is named',
      ['--scope', 'voip', '--expires-in', '2h', '--user', UNKNOWN_USER],
      (user) => `${user} (voip; for 2 h)`,
    ],
  ])('says what would be asked for %s, and asks nothing', async (_, args, request) => {
    const asked = failing.requests()
    const { host } = new URL(/endpoint=([^;]+)/.exec(failing.connectionString)?.[1] ?? '')
    expect(await built(['issue', ...args, '--dry-run'], { env: inEnvironment(failing) })).toMatchObject({
      exitCode: 0,
      stdout: `Would ask ${host} for a token for ${request(UNKNOWN_USER)}.\n`,
      stderr: '',
    })
    expect(failing.requests()).toBe(asked)
  })

  it('says it in a document with --json', async () => {
    const run = await built(['issue', '--scope', 'chat', '--expires-in', '90m', '--dry-run', '--json'])
    expect(run).toMatchObject({ exitCode: 0, stderr: '' })
    expect(JSON.parse(run.stdout)).toEqual({
      dry_run: true,
      endpoint: emulator.endpoint,
      user_id: null,
      scopes: ['chat'],
      lifetime_minutes: 90,
    })
  })
})

describe('issue that fails', () => {
  it('where the key is refused, without the key: 4', async () => {
    const key = /accesskey=(.*)/.exec(other.connectionString)?.[1] ?? ''
    const wrong = emulator.connectionString.replace(/accesskey=.*/, `accesskey=${key}`)
    const run = await built(['issue', '--scope', 'chat', '--verbose', '--connection-string-stdin'], { input: wrong })
    expect(run).toMatchObject({
      exitCode: 4,
      stdout: '',
      stderr:
        `error: ${host()} refused the access key (Denied).\n` +
        'hint: copy the connection string again from Keys in the Azure portal; the key may have been regenerated\n',
    })
    expect(run.stderr).not.toContain(key.slice(0, 12))
  })

  it('for an identity of another resource, in a document with --json: 4', async () => {
    const user = await createUser()
    const run = await built(['issue', '--scope', 'chat', '--user', user, '--json'], { env: inEnvironment(other) })
    expect(run).toMatchObject({ exitCode: 4, stdout: '' })
    expect(JSON.parse(run.stderr)).toEqual({
      error: {
        code: 'identity_not_owned',
        message: `${new URL(other.endpoint).host} has no such identity: it belongs to another resource or was deleted.`,
        hint: 'check the id and the connection string',
      },
    })
  })

  it('for what is no identity, without repeating it: 2', async () => {
    expect(await built(['issue', '--scope', 'chat', '--user', 'not-an-identity'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'error: This is not the id of an identity.\nhint: it reads 8:acs:<resource>_<user>\n',
    })
  })

  it('where the service has a problem, without a second identity by accident: 1', async () => {
    const service = await startFaultyService(json(500, {}))
    const run = await built(['issue', '--scope', 'chat'], { env: inEnvironment(service) })
    await service.close()
    expect([run.exitCode, run.stdout, service.requests()]).toEqual([1, '', 1])
    expect(run.stderr).toMatch(/^error: \S+ has a problem of its own \(status 500\)\.\nhint: /)
  })
})
