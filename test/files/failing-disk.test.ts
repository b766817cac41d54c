import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { startResources, type Resources } from '../support/homes/resources.ts'
import { runInWorld } from '../support/homes/world.ts'
import { runBuilt, type BuiltRun } from '../support/programs/built.ts'

const HOOK = join(import.meta.dirname, '../support/hooks/fail-at.cjs')

let resources: Resources
beforeAll(async () => {
  resources = await startResources()
})
afterAll(() => resources.close())

const setup = (resource: Resources['a']): readonly string[] => [
  'setup',
  '--yes',
  '--no-verify',
  '--connection-string',
  resource.connectionString,
]

/** Everything in a home, byte for byte. */
const contents = (home: TestHome): readonly string[] =>
  home.list().map((name) => (/(?:config|acs-env)$/.test(name) ? name : `${name}: ${home.read(name)}`))

const fail = (home: TestHome, args: readonly string[], call: string, at: number, env = {}): Promise<BuiltRun> =>
  runBuilt(args, {
    home: home.path,
    env: { NODE_OPTIONS: `--require=${HOOK}`, FAIL_BELOW: home.path, FAIL_CALL: call, FAIL_AT: String(at), ...env },
  })

const inOwn = (name: string): string => `.config/acs-env${name}`

const saysThatTheDiskFailed = expect.stringMatching(/^error: .+: the disk reported an error\.\nhint: check the disk\n$/)

describe('a disk that fails in the middle of a change of resource', () => {
  it.each([
    ['fsyncSync', 1, 'after the old token has gone'],
    ['fsyncSync', 3, 'after the connection string has taken its place'],
    ['fsyncSync', 5, 'after the token has taken its place'],
  ])('leaves every file as it was: %s %i, %s', async (call, at) => {
    const home = makeHome()
    home.write('.bash_profile', 'mine\n')
    await runInWorld(setup(resources.a), home.path)
    const before = contents(home)
    const run = await fail(home, setup(resources.b), call, at, { FAIL_AFTERWARDS: 'yes' })
    expect([run.exitCode, run.stderr]).toEqual([1, saysThatTheDiskFailed])
    expect(contents(home)).toEqual(before)
    home.remove()
  })

  it('is an error, not a bug, where a path cannot even be looked at', async () => {
    const home = makeHome()
    for (const call of ['statSync', 'lstatSync', 'mkdirSync', 'accessSync']) {
      const run = await fail(home, setup(resources.a), call, 1)
      expect([call, run.exitCode, run.stderr]).toEqual([call, 1, saysThatTheDiskFailed])
      expect(home.list()).toEqual([])
    }
    home.remove()
  })
})

describe('a .env file of which only its own lines are noted', () => {
  it('keeps nothing else from being removed, and they stay noted', async () => {
    const home = makeHome()
    const FAIL_PATH = home.write('.env', 'AZURE_COMMUNICATION_ACCESS_TOKEN=mine\n')
    await runInWorld([...setup(resources.a), '--dotenv', FAIL_PATH], home.path)
    renameSync(FAIL_PATH, `${FAIL_PATH}.away`)
    await runInWorld(['unset'], home.path)
    await runInWorld(setup(resources.a), home.path)
    renameSync(`${FAIL_PATH}.away`, FAIL_PATH)
    // The first time is for the plan that is shown.
    const run = await fail(home, ['unset', '--yes'], 'openSync', 2, { FAIL_PATH })
    expect([run.exitCode, run.stderr]).toEqual([
      0,
      expect.stringMatching(
        /disk reported an error\. What acs-env has noted of it stays in ~\/\S+\/restore-dotenv\.json\.$/m,
      ),
    ])
    expect(home.list()).toEqual(
      ['.config', '.env', ...['', '/.gitignore', '/restore-dotenv.json'].map(inOwn)].toSorted(),
    )
    expect((await runInWorld(['unset'], home.path)).exitCode).toBe(0)
    expect(home.read('.env')).toBe('AZURE_COMMUNICATION_ACCESS_TOKEN=mine\n')
    home.remove()
  })
})

describe('a further profile that cannot be looked at for a moment', () => {
  const calls = ['lstatSync', 'statSync', 'readFileSync', 'openSync']

  it.each(calls)('is no reason to leave it out: %s', async (call) => {
    const home = makeHome()
    home.write('.bash_profile', 'mine\n')
    const FAIL_PATH = home.write('.bashrc', 'mine\n')
    const before = contents(home)
    const run = await fail(home, setup(resources.a), call, 1, { FAIL_PATH })
    expect([run.exitCode, run.stderr, contents(home)]).toEqual([1, saysThatTheDiskFailed, before])
    home.remove()
  })

  it.each([1, 2, 3])('nor where its directory cannot be, at the %i. look', async (at) => {
    const home = makeHome()
    home.write('.bashrc', 'mine\n')
    const before = contents(home)
    const run = await fail(home, setup(resources.a), 'accessSync', at, { FAIL_PATH: home.path })
    expect([run.exitCode, run.stderr, contents(home)]).toEqual([1, saysThatTheDiskFailed, before])
    home.remove()
  })

  it.each(calls)('nor for unset to leave the block in it: %s', async (call) => {
    const home = makeHome()
    const FAIL_PATH = home.write('.bashrc', 'mine\n')
    await runInWorld([...setup(resources.a), '--inline'], home.path)
    const before = contents(home)
    const run = await fail(home, ['unset', '--yes'], call, 1, { FAIL_PATH })
    expect([run.exitCode, run.stderr, contents(home)]).toEqual([1, saysThatTheDiskFailed, before])
    home.remove()
  })
})

describe('the directories that setup makes', () => {
  it.each([
    ['mkdirSync', 2],
    ['mkdirSync', 3],
    ['openSync', 1],
    ['writeSync', 1],
    ['writeSync', 3],
    ['closeSync', 1],
    ['closeSync', 2],
  ])('go away again where %s %i fails', async (call, at) => {
    const home = makeHome()
    const run = await fail(home, setup(resources.a), call, at)
    expect([run.exitCode, home.list()]).toEqual([1, []])
    home.remove()
  })

  it('go away with unset too where reading back fails', async () => {
    const home = makeHome()
    await runInWorld(setup(resources.a), home.path)
    // Seven files have gone and are looked at for that; what comes next is the last word before "removed".
    const FAIL_WITHOUT = join(home.path, '.config/acs-env/restore.json')
    const run = await fail(home, ['unset', '--yes'], 'statSync', 8, { FAIL_WITHOUT })
    expect([run.exitCode, home.list()]).toEqual([1, []])
    home.remove()
  })
})
