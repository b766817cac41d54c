import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { json, startFaultyService } from '../support/doubles/faulty-service.ts'
import { other } from '../support/doubles/other-services.ts'
import { makeWindowsRegistry } from '../support/doubles/windows-registry.ts'
import { acs, emulator, home } from '../support/homes/emulator-and-home.ts'
import { inMinutes, setExpiry, storedToken, storeValues } from '../support/homes/stored-values.ts'
import type { WorldOptions, WorldRun } from '../support/homes/world.ts'
import { canBeAnybody } from '../support/programs/as-user.ts'
import { runBuilt } from '../support/programs/built.ts'

const USER = '8:acs:0f1e2d3c-0000-4000-8000-00000000000a_0a0b0c0d-0000-4000-8000-00000000000b'

/** Stores a pair of the emulator; resolves to its identity and its token. */
async function setUp(world: WorldOptions = {}, ...args: readonly string[]): Promise<{ user: string; token: string }> {
  const run = await acs(
    ['setup', '--no-verify', '--json', '--connection-string', emulator.connectionString, ...args],
    world,
  )
  expect(run).toMatchObject({ exitCode: 0 })
  const { user_id: user } = JSON.parse(run.stdout) as { readonly user_id: string }
  return { user, token: (await acs(['token'], world)).stdout.trim() }
}

const state = (): { readonly invalidated?: Record<string, string> } =>
  JSON.parse(home.read('.config/acs-env/state.json')) as { readonly invalidated?: Record<string, string> }
const problems = async (world: WorldOptions = {}): Promise<readonly [number, readonly string[]]> => {
  const { exitCode, stdout } = await acs(['status', '--json'], world)
  return [exitCode, (JSON.parse(stdout) as { readonly problems: readonly string[] }).problems]
}
const hostOf = (url: string): string => new URL(url).host

const systems: readonly (readonly [string, () => WorldOptions])[] = [
  ['Linux', () => ({})],
  ['macOS', () => ({ platform: 'darwin' })],
  [
    'Windows',
    () => ({
      platform: 'win32',
      env: { LOCALAPPDATA: join(home.path, 'Local'), SystemRoot: String.raw`C:\Windows` },
      run: makeWindowsRegistry().run,
    }),
  ],
]

describe.each(systems)('a revoked token, on %s', (_, makeWorld) => {
  it('is a problem for status, which names the cure', async () => {
    const world = makeWorld()
    await setUp(world)
    const run = await acs(['revoke', '--yes'], world)
    expect(run.stderr).toMatch(/The stored token is one of them; "acs-env refresh" issues a new one\.\n$/)
    expect(await problems(world)).toEqual([3, ['The access token was revoked.']])
    const { stdout } = await acs(['status'], world)
    expect(stdout).toMatch(/^✗ Not ready\.\n {2}- The access token was revoked\.\n/)
    expect(stdout).toMatch(/\n"acs-env refresh" issues a new token\.\n$/)
  })

  it('has expired for programs that read the status', async () => {
    const world = makeWorld()
    await setUp(world)
    await acs(['revoke', '--yes'], world)
    const document = JSON.parse((await acs(['status', '--json'], world)).stdout) as Record<string, unknown>
    expect(document).toMatchObject({ ready: false, expires_in_seconds: expect.any(Number) })
    expect(document.expires_in_seconds).toBeLessThanOrEqual(0)
  })

  it.each([
    ['token', ['token']],
    ['an idle refresh', ['refresh', '--if-expires-within', '1m']],
    ['exec', ['exec', '--', process.execPath, '-e', '']],
  ])('is renewed by %s, and then forgotten', async (_name, args) => {
    const world = makeWorld()
    const { token } = await setUp(world)
    await acs(['revoke', '--yes'], world)
    await acs(args, world)
    const renewed = (await acs(['token'], world)).stdout.trim()
    expect(renewed).not.toBe(token)
    expect((await acs(['status', '--json'], world)).stdout).not.toContain('revoked')
  })

  it('is still printed by env, which says what to do', async () => {
    const world = makeWorld()
    const { token } = await setUp(world)
    await acs(['revoke', '--yes'], world)
    const run = await acs(['env', '--format', 'json'], world)
    expect(run.stderr).toBe('warning: the stored token was revoked; "acs-env refresh" issues a new one.\n')
    expect(run.stdout).toContain(token)
  })
})

describe('revoke', () => {
  it.each([
    ['as it is', (id: string) => id],
    ['in capital letters', (id: string) => id.toUpperCase().replace('8:ACS:', '8:acs:')],
    ['with spaces around it', (id: string) => ` ${id}\n`],
  ])('of the stored identity marks its token, where the id is spelled %s', async (_, spell) => {
    const { user } = await setUp()
    expect(await acs(['revoke', '--user', spell(user), '--yes'])).toMatchObject({ exitCode: 0 })
    expect(state().invalidated).toMatchObject({ reason: 'revoked', user_id: user })
  })

  it('of another identity marks nothing', async () => {
    await setUp()
    const created = await acs(['user', 'create'])
    const run = await acs(['revoke', '--user', created.stdout.trim(), '--yes'])
    expect(run.stderr).not.toContain('stored token')
    expect(state().invalidated).toBeUndefined()
  })

  it('at another resource marks nothing, whatever that answers', async () => {
    const { user } = await setUp()
    const elsewhere = await startFaultyService(json(204, undefined))
    const run = await acs(['revoke', '--user', user, '--yes', '--connection-string', elsewhere.connectionString])
    await elsewhere.close()
    expect(run).toMatchObject({ exitCode: 0 })
    expect(await acs(['revoke', '--yes', '--connection-string', other.connectionString])).toMatchObject({ exitCode: 4 })
    expect(state().invalidated).toBeUndefined()
  })

  it('that the service does not do marks nothing', async () => {
    const { token } = await setUp()
    const wrongKey = emulator.connectionString.replace(/accesskey=.*/, 'accesskey=a2V5')
    expect(await acs(['revoke', '--yes', '--connection-string', wrongKey])).toMatchObject({ exitCode: 4 })
    expect((await acs(['token'])).stdout.trim()).toBe(token)
  })

  it('finds out that the identity is gone, and marks that', async () => {
    const { user } = await setUp()
    await deleteBehindTheBack(user)
    const run = await acs(['revoke', '--yes'])
    expect(run).toMatchObject({
      exitCode: 4,
      stderr:
        `error: ${hostOf(emulator.endpoint)} has no identity ${user} any more: it was deleted.\n` +
        'hint: "acs-env setup --new-user" makes a new one\n',
    })
    expect(await problems()).toEqual([3, ['The identity of the access token was deleted.']])
  })

  it.runIf(canBeAnybody())('is done also where the store cannot be written, with a warning', async () => {
    const { user } = await setUp()
    const directory = join(home.path, '.config/acs-env')
    chmodSync(directory, 0o555)
    const run = await runBuilt(['revoke', '--user', user, '--yes', '--connection-string', emulator.connectionString], {
      home: home.path,
      under: ['setpriv', '--inh-caps=-all', '--bounding-set=-all'],
    })
    chmodSync(directory, 0o700)
    expect(run).toMatchObject({ exitCode: 0 })
    expect(run.stderr).toMatch(/^warning: the stored token is of no use any more, which could not be remembered: /)
    expect(run.stderr).toContain('✓ Revoked all tokens')
  })

  it('leaves a whole state wherever it is killed', async () => {
    await setUp()
    for (let afterMs = 40; afterMs <= 160; afterMs += 20) {
      await runBuilt(['revoke', '--yes'], { home: home.path, sends: { signal: 'SIGKILL', afterMs } })
      expect(state()).toMatchObject({ version: 1 })
    }
    expect(await acs(['revoke', '--yes'])).toMatchObject({ exitCode: 0 })
    expect(state().invalidated).toMatchObject({ reason: 'revoked' })
  })
})

describe('the stored identity, deleted', () => {
  it('is reported by user delete, and by everything that needs its token', async () => {
    const { user } = await setUp()
    const run = await acs(['user', 'delete', user, '--yes'])
    expect(run.stderr).toBe(
      `✓ Deleted ${user}.\nThe stored token was for it; "acs-env setup --new-user" makes a new identity.\n`,
    )
    expect(await problems()).toEqual([3, ['The identity of the access token was deleted.']])
    expect((await acs(['status'])).stdout).toMatch(/\n"acs-env setup --new-user" makes a new identity\.\n$/)
    const gone =
      `error: ${hostOf(emulator.endpoint)} has no identity ${user} any more: it was deleted.\n` +
      'hint: "acs-env setup --new-user" makes a new one\n'
    for (const args of [['token'], ['exec', '--', 'true'], ['refresh'], ['refresh', '--if-expires-within', '1m']]) {
      expect(await acs(args)).toMatchObject({ exitCode: 4, stdout: '', stderr: gone })
    }
    expect((await acs(['env'])).stderr).toBe(
      'warning: the identity of the stored token was deleted; "acs-env setup --new-user" makes a new one.\n',
    )
  })

  it('is not asked for again, since the service may not know of it everywhere yet', async () => {
    const service = await startFaultyService(json(204, undefined))
    const { connectionString } = service
    const [, endpoint = ''] = /endpoint=(.*?);/.exec(connectionString) ?? []
    storeValues(home, { connectionString, endpoint, accessToken: 'tok', expiresOn: inMinutes(60), userId: USER })
    await acs(['user', 'delete', USER, '--yes'])
    expect(await acs(['refresh'])).toMatchObject({ exitCode: 4 })
    expect(service.requests()).toBe(1)
    await service.close()
  })

  it.each([[[]], [['--new-user']]])('is replaced by a new one by setup %j', async (args) => {
    const { user } = await setUp()
    await acs(['user', 'delete', user, '--yes'])
    const run = await acs(['setup', '--yes', '--no-verify', '--json', ...args])
    expect(run).toMatchObject({ exitCode: 0 })
    if (args.length === 0) expect(run.stderr).toContain(`note: ${user} was deleted; making a new identity.\n`)
    expect((JSON.parse(run.stdout) as { readonly user_id: string }).user_id).not.toBe(user)
    expect(await problems()).toEqual([0, []])
  })

  it('lets refresh issue for another identity', async () => {
    const { user } = await setUp()
    const { stdout } = await acs(['user', 'create'])
    await acs(['user', 'delete', user, '--yes'])
    expect(await acs(['refresh', '--user', stdout.trim()])).toMatchObject({ exitCode: 0 })
    expect(await problems()).toEqual([0, []])
  })

  it('is marked where it was deleted somewhere else, and a renewal finds that out', async () => {
    const { user } = await setUp()
    await deleteBehindTheBack(user)
    expect(await problems()).toEqual([0, []])
    setExpiry(home, inMinutes(5))
    // Good for five minutes by the clock, and of no use.
    expect(await acs(['token'])).toMatchObject({ exitCode: 4, stdout: '' })
    expect(await problems()).toEqual([3, ['The identity of the access token was deleted.']])
  })

  it('is marked where user delete hears that it is gone already', async () => {
    const { user } = await setUp()
    await deleteBehindTheBack(user)
    const upper = user.toUpperCase().replace('8:ACS:', '8:acs:')
    expect(await acs(['user', 'delete', upper, '--yes'])).toMatchObject({ exitCode: 4 })
    expect(state().invalidated).toMatchObject({ reason: 'deleted', user_id: user })
  })
})

describe('unset', () => {
  it('--revoke marks the token of an identity that is gone', async () => {
    const { user } = await setUp()
    await deleteBehindTheBack(user)
    expect(await acs(['unset', '--revoke', '--yes'])).toMatchObject({
      exitCode: 4,
      stderr:
        `error: ${hostOf(emulator.endpoint)} has no identity ${user} any more: it was deleted.\n` +
        'hint: "acs-env unset" removes what is stored here\n',
    })
    expect(storedToken(home)).toBeDefined()
    expect(await problems()).toEqual([3, ['The identity of the access token was deleted.']])
  })
})

describe('a token that was revoked', () => {
  it('is not stored again from standard input', async () => {
    const { token } = await setUp()
    await acs(['revoke', '--yes'])
    expect(await acs(['setup', '--no-verify', '--access-token-stdin'], { input: token })).toMatchObject({
      exitCode: 2,
      stderr: 'error: This access token was revoked.\nhint: have a new one issued\n',
    })
  })

  it('does not outlive a clock that is set back', async () => {
    const { token } = await setUp()
    await acs(['revoke', '--yes'])
    const now = (): Date => inMinutes(-30)
    expect((await acs(['token'], { now })).stdout.trim()).not.toBe(token)
  })

  it('is not confused with a token that something else has stored since', async () => {
    await setUp()
    await acs(['revoke', '--yes'])
    const issued = await acs(['issue', '--scope', 'chat', '--connection-string', emulator.connectionString])
    home.write('.config/acs-env/access-token', issued.stdout.trim())
    expect((await acs(['token'])).stdout).toBe(issued.stdout)
  })
})

async function deleteBehindTheBack(user: string): Promise<WorldRun> {
  // Another home knows nothing of this store.
  const args = ['user', 'delete', user, '--yes', '--connection-string', emulator.connectionString]
  const run = await acs(args, { env: { HOME: join(home.path, 'nowhere') } })
  expect(run).toMatchObject({ exitCode: 0 })
  return run
}
