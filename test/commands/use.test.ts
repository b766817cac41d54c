import { existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acs, home } from '../support/homes/emulator-and-home.ts'
import { startResources, type Resources } from '../support/homes/resources.ts'
import { setExpiry } from '../support/homes/stored-values.ts'
import type { WorldOptions, WorldRun } from '../support/homes/world.ts'
import { readInShell } from '../support/programs/login-shell.ts'

const OWN = '.config/acs-env'
const NAMES = ['AZURE_COMMUNICATION_CONNECTION_STRING', 'AZURE_COMMUNICATION_ACCESS_TOKEN'] as const

let resources: Resources
beforeAll(async () => {
  resources = await startResources()
})
afterAll(() => resources.close())

type Which = 'a' | 'b'

async function succeed(args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> {
  const run = await acs(args, { env: { SHELL: '/bin/bash' }, ...options })
  expect([args[0], run.stderr, run.exitCode]).toEqual([args[0], run.stderr, 0])
  return run
}

async function documentOf(args: readonly string[], exitCode = 0): Promise<Record<string, unknown>> {
  const run = await acs([...args, '--json'], { env: { SHELL: '/bin/bash' } })
  expect([run.stderr, run.exitCode]).toEqual([run.stderr, exitCode])
  return JSON.parse(run.stdout) as Record<string, unknown>
}

function setup(which: Which, ...options: readonly string[]): Promise<WorldRun> {
  const { connectionString } = resources[which]
  return succeed(['setup', '--yes', '--no-verify', '--connection-string', connectionString, ...options])
}

/** Which resources the key and the token of the current one are of. */
function current(): readonly (string | undefined)[] {
  return ['connection-string', 'access-token'].map((name) => valueAt(name))
}

function valueAt(name: string): string | undefined {
  return existsSync(join(home.path, OWN, name)) ? resources.resourceOf(home.read(`${OWN}/${name}`)) : undefined
}

const parked = (name: string): readonly (string | undefined)[] =>
  ['connection-string', 'access-token'].map((file) => valueAt(`resources/${name}/${file}`))

const directories = (): readonly string[] => home.list().filter((path) => path.startsWith(`${OWN}/resources`))

describe('a second resource', () => {
  it('is stored beside the first one, and is the current one', async () => {
    await setup('a')
    const { stderr } = await setup('b', '--name', 'staging')
    expect([current(), parked('default')]).toEqual([
      ['b', 'b'],
      ['a', 'a'],
    ])
    expect(stderr).toContain('note: default is kept; "acs-env use default" makes it the current one again.')
    expect(directories()).toEqual([
      `${OWN}/resources`,
      `${OWN}/resources/default`,
      ...['access-token', 'connection-string', 'state.json'].map((name) => `${OWN}/resources/default/${name}`),
    ])
    expect(readInShell('bash', ['-l', '-c'], home.path, NAMES).values.map(resources.resourceOf)).toEqual(['b', 'b'])
  })

  it('is private, as the first one', async () => {
    await setup('a')
    await setup('b', '--name', 'staging')
    const modes = directories().map((path) => (statSync(join(home.path, path)).mode & 0o777).toString(8))
    expect(modes).toEqual(['700', '700', '600', '600', '600'])
  })

  it('is not taken from the variable that the first one has put into the shell', async () => {
    await setup('a')
    const env = { SHELL: '/bin/bash', [NAMES[0]]: resources.a.connectionString }
    const run = await acs(['setup', '--yes', '--no-verify', '--name', 'staging'], { env })
    expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('There is no connection string.')])
    expect(directories()).toEqual([])
  })

  it('may be the first to have a name', async () => {
    await setup('a', '--name', 'prod')
    expect(await documentOf(['status'])).toMatchObject({ name: 'prod' })
    expect(await documentOf(['use'])).toMatchObject({ current: 'prod', resources: [{ name: 'prod' }] })
    await setup('b', '--name', 'staging')
    expect([current(), parked('prod')]).toEqual([
      ['b', 'b'],
      ['a', 'a'],
    ])
  })

  it('gets new values by its name, also while it is parked', async () => {
    await setup('a')
    await setup('b', '--name', 'staging')
    await succeed(['use', 'default'])
    await setup('a', '--name', 'staging')
    expect([current(), parked('default'), directories().length]).toEqual([['a', 'a'], ['a', 'a'], 5])
    expect(await documentOf(['use'])).toMatchObject({ current: 'staging', resources: [{}, { name: 'default' }] })
  })
})

describe('use', () => {
  const several = async (): Promise<void> => {
    await setup('a')
    await setup('b', '--name', 'staging')
  }

  it('makes another one the current one, and parks that', async () => {
    await several()
    const { stderr } = await succeed(['use', 'default'])
    expect(stderr).toMatch(/^✓ default is the current one: 127\.0\.0\.1:\d+, good until .*\.\n/)
    expect(stderr).toContain('source ~/.bash_profile')
    expect([current(), parked('staging'), parked('default')]).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      [undefined, undefined],
    ])
    expect(existsSync(join(home.path, OWN, 'resources/default'))).toBe(false)
    expect(await documentOf(['use', 'staging'])).toEqual({
      name: 'staging',
      user_id: expect.stringMatching(/^8:acs:/),
      expires_on: expect.any(String),
      stored: NAMES.map((name, index) => ({
        name,
        where: join(home.path, OWN, ['connection-string', 'access-token'][index] ?? ''),
      })),
    })
    expect([current(), parked('default')]).toEqual([
      ['b', 'b'],
      ['a', 'a'],
    ])
  })

  it('leaves identity, scopes and expiry with each of them', async () => {
    await setup('a', '--scope', 'chat')
    const first = await documentOf(['status'])
    await setup('b', '--name', 'staging', '--scope', 'voip')
    const second = await documentOf(['status'])
    await succeed(['use', 'default'])
    const keys = ['user_id', 'scopes', 'expires_on'] as const
    const of = (document: Record<string, unknown>): readonly unknown[] => keys.map((key) => document[key])
    expect(of(await documentOf(['status']))).toEqual(of(first))
    await succeed(['use', 'staging'])
    expect(of(await documentOf(['status']))).toEqual(of(second))
  })

  it('renews a token that has expired', async () => {
    await several()
    setExpiryOfParked(new Date(Date.now() - 1000))
    const used = await documentOf(['use', 'default'])
    expect(Date.parse(String(used.expires_on))).toBeGreaterThan(Date.now())
    expect(current()).toEqual(['a', 'a'])
  })

  it('says so where such a token cannot be renewed, and makes it the current one all the same', async () => {
    await several()
    const closed = await startResources()
    await setup('a')
    await succeed(['setup', '--yes', '--no-verify', '--name', 'gone', '--connection-string', closed.a.connectionString])
    await succeed(['use', 'staging'])
    await closed.close()
    const path = `${OWN}/resources/gone/state.json`
    const state = JSON.parse(home.read(path)) as object
    home.write(path, JSON.stringify({ ...state, expires_on: '2020-01-01T00:00:00.000Z' }))
    const { stderr } = await succeed(['use', 'gone'])
    expect(stderr).toMatch(/^warning: its token is of no use any more, and could not be renewed: /m)
    expect(await documentOf(['status'], 3)).toMatchObject({ name: 'gone' })
  })

  function setExpiryOfParked(expiresOn: Date): void {
    const path = `${OWN}/resources/default/state.json`
    const state = JSON.parse(home.read(path)) as object
    home.write(path, JSON.stringify({ ...state, expires_on: expiresOn.toISOString() }))
  }

  it('changes the values in the profile, where they are there', async () => {
    await setup('a', '--inline')
    await setup('b', '--name', 'staging', '--inline')
    const seen = (): readonly (string | undefined)[] =>
      readInShell('bash', ['-l', '-c'], home.path, NAMES).values.map(resources.resourceOf)
    expect([seen(), current(), parked('default')]).toEqual([
      ['b', 'b'],
      [undefined, undefined],
      ['a', 'a'],
    ])
    await succeed(['use', 'default'])
    expect([seen(), current(), parked('staging')]).toEqual([
      ['a', 'a'],
      [undefined, undefined],
      ['b', 'b'],
    ])
  })

  it('goes back and forth with other names, and with a token alone', async () => {
    await setup('a', '--as', 'OTHER_NAME')
    await setup('b', '--name', 'staging', '--token-only')
    const seen = (): readonly (string | undefined)[] =>
      readInShell('bash', ['-l', '-c'], home.path, [...NAMES, 'OTHER_NAME']).values.map(resources.resourceOf)
    expect(seen()).toEqual([undefined, 'b', undefined])
    await succeed(['use', 'default'])
    expect(seen()).toEqual(['a', 'a', 'a'])
    await succeed(['use', 'staging'])
    expect([seen(), current()]).toEqual([
      [undefined, 'b', undefined],
      [undefined, 'b'],
    ])
  })

  it('says that it is the current one already', async () => {
    await several()
    const { stderr } = await succeed(['use', 'Staging'])
    expect(stderr).toMatch(/^✓ staging is the current one already: /)
  })

  it('renews the token of the current one too', async () => {
    await several()
    setExpiry(home, new Date(Date.now() - 1000))
    const used = await documentOf(['use', 'staging'])
    expect(Date.parse(String(used.expires_on))).toBeGreaterThan(Date.now())
  })

  it('shows what it would do', async () => {
    await several()
    const before = home.list()
    const { stdout } = await succeed(['use', 'default', '--dry-run'])
    expect(stdout).toContain('~/.config/acs-env/resources/staging/connection-string (new)\n    + endpoi…')
    expect(stdout).not.toMatch(/accesskey|eyJ[\w-]{10}/)
    expect(await documentOf(['use', 'default', '--dry-run'])).toMatchObject({ dry_run: true })
    expect([home.list(), current()]).toEqual([before, ['b', 'b']])
    expect((await succeed(['use', 'staging', '--dry-run'])).stdout).toBe('Nothing would change.\n')
  })

  it('lists them for a program', async () => {
    await several()
    const hosts = [resources.b, resources.a].map(({ endpoint }) => new URL(endpoint).host)
    expect(await documentOf(['use'])).toEqual({
      current: 'staging',
      resources: [
        { name: 'staging', host: hosts[0], expires_on: expect.any(String) },
        { name: 'default', host: hosts[1], expires_on: expect.any(String) },
      ],
    })
  })

  it('needs a name where nobody can be asked', async () => {
    await several()
    const run = await acs(['use'])
    expect([run.exitCode, run.stderr]).toEqual([
      2,
      'error: NAME is missing.\nhint: write "acs-env use NAME"; there are staging, default\n',
    ])
  })

  it.each([
    [
      'stagign',
      'error: There is no stored resource "stagign".\nhint: did you mean staging? there are staging, default\n',
      1,
    ],
    ['x', 'error: There is no stored resource "x".\nhint: there are staging, default\n', 1],
    ['../default', /^error: This cannot be the name of a resource\.\nhint: use up to 64 letters/, 2],
    ['..', /^error: This cannot be the name of a resource\./, 2],
    ['a/b', /^error: This cannot be the name of a resource\./, 2],
    [`a${'b'.repeat(64)}`, /^error: This cannot be the name of a resource\./, 2],
  ])('does not know the name %s', async (name, message, exitCode) => {
    await several()
    const run = await acs(['use', name])
    expect([run.exitCode, run.stderr]).toEqual([
      exitCode,
      typeof message === 'string' ? message : expect.stringMatching(message),
    ])
  })

  it('has nothing to choose from where nothing is stored', async () => {
    for (const args of [['use'], ['use', 'default'], ['token', '--name', 'default']]) {
      const run = await acs(args)
      expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/^error: Nothing is stored yet\.\n/)])
    }
    expect(await documentOf(['use'])).toEqual({ current: null, resources: [] })
    expect(home.list()).toEqual([])
  })
})

describe('--name', () => {
  const several = async (): Promise<void> => {
    await setup('a')
    await setup('b', '--name', 'staging')
  }

  it('makes commands speak of another resource than the current one', async () => {
    await several()
    // A shell has the values of the current one.
    const env = { SHELL: '/bin/bash', [NAMES[0]]: resources.b.connectionString }
    const { stdout } = await succeed(['token', '--name', 'default'], { env })
    expect(resources.resourceOf(stdout.trim())).toBe('a')
    const values = JSON.parse((await succeed(['env', '--name', 'default', '--format', 'json'], { env })).stdout)
    expect(Object.values(values as Record<string, string>).map(resources.resourceOf)).toEqual(['a', 'a'])
    const before = home.read(`${OWN}/access-token`)
    const renewed = await documentOf(['refresh', '--name', 'default'])
    expect(renewed).toMatchObject({
      renewed: true,
      stored: [{ where: join(home.path, OWN, 'resources/default/access-token') }],
      activate: 'acs-env use default',
    })
    expect([home.read(`${OWN}/access-token`), parked('default')]).toEqual([before, ['a', 'a']])
    const kept = await documentOf(['refresh', '--name', 'default', '--if-expires-within', '6h'])
    expect(kept).toMatchObject({ renewed: false, expires_on: renewed.expires_on })
  })

  it('renews the token that it hands out', async () => {
    await several()
    const path = `${OWN}/resources/default/state.json`
    const old = home.read(`${OWN}/resources/default/access-token`)
    const state = JSON.parse(home.read(path)) as object
    home.write(path, JSON.stringify({ ...state, expires_on: new Date(Date.now() + 60_000).toISOString() }))
    const { stdout } = await succeed(['token', '--name', 'default'])
    expect(stdout.trim()).not.toBe(old)
    expect([home.read(`${OWN}/resources/default/access-token`), current()]).toEqual([stdout.trim(), ['b', 'b']])
  })

  it('shows how one stands that is not the current one', async () => {
    await several()
    const { stdout } = await succeed(['status', '--name', 'default'])
    expect(stdout).toContain('✓ Stored.')
    expect(stdout).toMatch(/^ +name +default$/m)
    expect(stdout).toContain('~/.config/acs-env/resources/default/access-token')
    expect(stdout).toContain('"acs-env use default" makes it the current one.')
    expect(stdout).not.toContain('this shell')
    expect(await documentOf(['status', '--name', 'default'])).toMatchObject({ ready: true, name: 'default' })
    expect((await succeed(['status'])).stdout).toMatch(/^ +name +staging$/m)
  })

  it.each(['revoke', 'user delete'])('knows that the token of one is dead after %s', async (command) => {
    await several()
    const userId = String((await documentOf(['status', '--name', 'default'])).user_id)
    const option = command === 'revoke' ? '--user' : []
    const connection = ['--connection-string', resources.a.connectionString]
    await succeed([...command.split(' '), option, userId, '--yes', ...connection].flat())
    const { problems } = await documentOf(['status', '--name', 'default'], 3)
    expect(problems).toEqual([expect.stringMatching(/was (?:revoked|deleted)\.$/)])
    expect(await documentOf(['status'])).toMatchObject({ ready: true, name: 'staging' })
  })

  it('is an error where no resource has that name', async () => {
    await several()
    for (const command of ['token', 'env', 'status', 'refresh', 'unset', 'exec']) {
      const run = await acs([command, '--name', 'stagin', ...(command === 'exec' ? ['true'] : [])])
      expect([command, run.exitCode, run.stderr]).toEqual([
        command,
        1,
        'error: There is no stored resource "stagin".\nhint: did you mean staging? there are staging, default\n',
      ])
    }
  })
})

describe('--all', () => {
  const several = async (): Promise<void> => {
    await setup('a')
    await setup('b', '--name', 'staging')
  }

  it('shows every one', async () => {
    await several()
    expect(await documentOf(['status', '--all'])).toMatchObject({
      resources: [
        { name: 'staging', ready: true },
        { name: 'default', ready: true },
      ],
    })
    expect((await succeed(['status', '--all'])).stdout).toMatch(
      /^staging \(current\)\n✓ Stored\.\n[^]*\n\ndefault\n✓ Stored\.\n/,
    )
    home.write(`${OWN}/resources/default/access-token`, '')
    expect(await documentOf(['status', '--all'], 3)).toMatchObject({ resources: [{ ready: true }, { ready: false }] })
  })

  it('renews every one, whatever becomes of the others', async () => {
    await several()
    const before = [`${OWN}/access-token`, `${OWN}/resources/default/access-token`].map((path) => home.read(path))
    expect(await documentOf(['refresh', '--all'])).toMatchObject({
      resources: [
        { name: 'staging', renewed: true },
        { name: 'default', renewed: true },
      ],
    })
    const after = [`${OWN}/access-token`, `${OWN}/resources/default/access-token`].map((path) => home.read(path))
    expect(after.filter((token) => before.includes(token))).toEqual([])
    expect([current(), parked('default')]).toEqual([
      ['b', 'b'],
      ['a', 'a'],
    ])
    home.write(`${OWN}/connection-string`, 'damaged')
    const run = await acs(['refresh', '--all'])
    expect([run.exitCode, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toMatch(
      /^warning: staging: .*\n✓ Renewed default, for 8:acs:.*\nerror: The token of staging could not/,
    )
  })

  it('does not go together with what only makes sense for one resource', async () => {
    await several()
    for (const args of [
      ['refresh', '--all', '--name', 'x'],
      ['refresh', '--all', '--user', '8:acs:a_b'],
      ['refresh', '--all', '--connection-string', 'x'],
      ['status', '--all', '--name', 'x'],
      ['unset', '--all', '--revoke'],
    ]) {
      const run = await acs(args)
      expect([run.exitCode, run.stderr]).toEqual([2, expect.stringContaining('do not go together')])
    }
  })
})

describe('unset', () => {
  const several = async (): Promise<void> => {
    await setup('a')
    await setup('b', '--name', 'staging')
  }

  it('has to be told which one is meant', async () => {
    await several()
    const run = await acs(['unset', '--yes'])
    expect([run.exitCode, run.stderr]).toEqual([
      2,
      'error: There are several stored resources: staging, default.\nhint: give --name NAME for one of them, or --all\n',
    ])
    expect(current()).toEqual(['b', 'b'])
  })

  it('removes one that is not the current one, and nothing else', async () => {
    await several()
    expect(await documentOf(['unset', '--name', 'default'])).toEqual({
      removed: NAMES.map((name, index) => ({
        name,
        where: join(home.path, OWN, 'resources/default', ['connection-string', 'access-token'][index] ?? ''),
      })),
      revoked: false,
      user_deleted: false,
    })
    expect([current(), directories()]).toEqual([['b', 'b'], []])
    await succeed(['unset'])
    expect(home.list()).toEqual([])
  })

  it('removes the current one, and the others can be made that', async () => {
    await several()
    const { stderr } = await succeed(['unset', '--name', 'staging'])
    expect(stderr).toContain('note: default is still stored; "acs-env use default" makes default the current one.')
    expect([current(), parked('default')]).toEqual([
      [undefined, undefined],
      ['a', 'a'],
    ])
    // Secrets are there, and git is not to have them.
    expect(existsSync(join(home.path, OWN, '.gitignore'))).toBe(true)
    const status = await acs(['status'])
    expect([status.exitCode, status.stdout]).toEqual([3, expect.stringContaining('"acs-env use default" makes')])
    expect(status.stdout).not.toMatch(/Nothing is stored|setup/)
    expect(await documentOf(['use'])).toMatchObject({ current: null, resources: [{ name: 'default' }] })
    await succeed(['use', 'default'])
    expect([current(), directories()]).toEqual([['a', 'a'], []])
    await succeed(['unset'])
    expect(home.list()).toEqual([])
  })

  it.each([
    ['refresh'],
    ['refresh', '--if-expires-within', '1h'],
    ['schedule', '--yes'],
    ['token'],
    ['env'],
    ['exec', '--', 'true'],
  ])('of the current one leaves others, and that is what is said: %s', async (...args) => {
    await setup('a')
    await setup('b', '--name', 'staging')
    await succeed(['unset', '--name', 'staging'])
    const { exitCode, stderr } = await acs(args, { env: { SHELL: '/bin/bash' } })
    expect([exitCode, stderr]).toEqual([
      1,
      'error: None of the stored resources is the current one.\nhint: "acs-env use default" makes one of them that\n',
    ])
    // What is in the environment does without a store.
    const env = { SHELL: '/bin/bash', [NAMES[0]]: resources.b.connectionString }
    if (args[0] === 'token') expect((await acs(args, { env })).exitCode).toBe(0)
  })

  it('removes the only one that is left, also where it is not the current one', async () => {
    await several()
    await succeed(['unset', '--name', 'staging'])
    await succeed(['unset'])
    expect(home.list()).toEqual([])
  })

  it('removes all of them', async () => {
    home.write('.bash_profile', 'mine\n')
    await several()
    const dry = await documentOf(['unset', '--all', '--dry-run'])
    expect(dry).toMatchObject({ dry_run: true })
    expect((await documentOf(['unset', '--all'])).removed).toHaveLength(4)
    expect(home.list()).toEqual(['.bash_profile'])
    expect(home.read('.bash_profile')).toBe('mine\n')
  })

  it('has all tokens of one of them revoked', async () => {
    await several()
    expect(await documentOf(['unset', '--name', 'default', '--revoke'])).toMatchObject({ revoked: true })
    expect([current(), directories()]).toEqual([['b', 'b'], []])
  })
})

describe('the identity of an endpoint', () => {
  it('is taken again when the endpoint comes back', async () => {
    const userOf = async (...args: readonly string[]): Promise<unknown> =>
      (await documentOf(['setup', '--yes', '--no-verify', ...args])).user_id
    const [a, b] = [resources.a, resources.b].map(({ connectionString }) => ['--connection-string', connectionString])
    const first = await userOf(...(a ?? []), '--scope', 'chat')
    const second = await userOf(...(b ?? []))
    expect(second).not.toBe(first)
    const again = await documentOf(['setup', '--yes', '--no-verify', ...(a ?? [])])
    expect(again).toMatchObject({ user_id: first, scopes: ['chat'] })
    expect(await userOf(...(b ?? []))).toBe(second)
    // Beside the others too.
    expect(await userOf(...(a ?? []), '--name', 'other')).toBe(first)
    expect(await userOf(...(b ?? []), '--new-user')).not.toBe(second)
  })

  it('is forgotten once it is deleted', async () => {
    const first = await documentOf([
      'setup',
      '--yes',
      '--no-verify',
      '--connection-string',
      resources.a.connectionString,
    ])
    await succeed([
      'user',
      'delete',
      String(first.user_id),
      '--yes',
      '--connection-string',
      resources.a.connectionString,
    ])
    await setup('b')
    const { stderr } = await setup('a')
    expect(stderr).not.toContain('is not, or no longer')
    expect((await documentOf(['status'])).user_id).not.toBe(first.user_id)
  })
})

describe('records that are lost or forged', () => {
  it('keep every key where the current one is not known any more', async () => {
    await setup('a')
    await setup('b', '--name', 'staging')
    home.write(`${OWN}/state.json`, '{}')
    // The parked one has the name that the current one would have.
    expect(await documentOf(['use'])).toMatchObject({
      current: 'default-2',
      resources: [{ name: 'default-2' }, { name: 'default' }],
    })
    await succeed(['use', 'default'])
    expect([current(), parked('default-2')]).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ])
  })

  it('keep the key of the current one where a state says that it is another', async () => {
    await setup('a')
    await setup('b', '--name', 'staging')
    const state = JSON.parse(home.read(`${OWN}/state.json`)) as object
    home.write(`${OWN}/state.json`, JSON.stringify({ ...state, name: 'default' }))
    await succeed(['refresh'])
    expect([current(), parked('default')]).toEqual([
      ['b', 'b'],
      ['a', 'a'],
    ])
  })

  it('keep a parked one usable although its record is gone', async () => {
    await setup('a')
    await setup('b', '--name', 'staging')
    home.write(`${OWN}/resources/default/state.json`, 'not json')
    await succeed(['use', 'default'])
    expect([current(), parked('staging')]).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ])
  })

  it('never lead anywhere else', async () => {
    await setup('a')
    const outside = join(home.path, '..', 'outside')
    mkdirSync(outside)
    symlinkSync(outside, join(home.path, OWN, 'resources'))
    const connection = ['--connection-string', resources.b.connectionString]
    const run = await acs(['setup', '--yes', '--no-verify', '--name', 'staging', ...connection])
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('is a symbolic link')])
    expect([(await acs(['use', '--json'])).exitCode, existsSync(join(outside, 'staging'))]).toEqual([1, false])
  })

  it('name no directory elsewhere', async () => {
    await setup('a')
    const state = JSON.parse(home.read(`${OWN}/state.json`)) as object
    home.write(`${OWN}/state.json`, JSON.stringify({ ...state, name: '../../x', identities: [1, { endpoint: 2 }] }))
    await setup('b', '--name', 'staging')
    expect(parked('default')).toEqual(['a', 'a'])
  })

  it.each(['access-token', 'connection-string', 'state.json'])('do no harm where %s is no file', async (file) => {
    await setup('a')
    await setup('b', '--name', 'staging')
    const path = join(home.path, OWN, 'resources/other', file)
    mkdirSync(path, { recursive: true })
    await succeed(['use', 'default'])
    expect(await documentOf(['use'])).toMatchObject({
      resources: [{ name: 'default' }, { name: 'other', host: null }, { name: 'staging' }],
    })
    const run = await acs(['use', 'other'])
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/^error: .*directory/)])
  })
})
