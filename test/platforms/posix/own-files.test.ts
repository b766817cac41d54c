import { chmodSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'
import { readTree } from '../../support/homes/home.ts'
import type { WorldRun } from '../../support/homes/world.ts'

const OWN = '.config/acs-env'
const NAMES = ['connection-string', 'access-token', 'state.json', 'restore.json', '.gitignore']

const setup = (args: readonly string[] = []): Promise<WorldRun> =>
  acs(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args])

async function done(run: Promise<WorldRun>): Promise<WorldRun> {
  const { exitCode, stdout, stderr } = await run
  expect([exitCode, stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
  return { exitCode, stdout, stderr }
}

/** Puts a link of the user's in the place of a file, with the file itself in a directory of theirs. */
function linkOut(name: string, target: string): void {
  mkdirSync(join(home.path, 'secrets'), { recursive: true })
  chmodSync(join(home.path, 'secrets'), 0o755)
  renameSync(join(home.path, OWN, name), join(home.path, 'secrets', name))
  symlinkSync(target.replace('NAME', name), join(home.path, OWN, name))
}

const targets = ['../../secrets/NAME', '../../secrets/../secrets/NAME']

describe('a link of the user’s in the place of a file of ours', () => {
  const cases = NAMES.flatMap((name) => targets.map((target) => [name, target] as const))

  it.each(cases)('goes with unset, and what it leads to stays: %s → %s', async (name, target) => {
    home.write('.bash_profile', 'export AZURE_COMMUNICATION_ACCESS_TOKEN=mine\n')
    await done(setup())
    linkOut(name, target)
    chmodSync(join(home.path, 'secrets', name), 0o644)
    const before = home.read(`secrets/${name}`)
    const run = await done(acs(['unset']))
    expect([home.read(`secrets/${name}`), statSync(join(home.path, 'secrets', name)).mode & 0o777]).toEqual([
      before,
      0o644,
    ])
    expect(run.stderr).toContain(`warning: ~/${OWN}/${name} is a symbolic link and goes; ~/secrets/${name}`)
    expect(home.list()).not.toContain(OWN)
  })

  it.each(NAMES)('is refused by setup, whose hint leads into no loss: %s', async (name) => {
    home.write('secrets/mine', name.endsWith('.json') ? '{}' : 'my only copy\n')
    home.write('.config/acs-env/other', 'mine')
    symlinkSync('../../secrets/mine', join(home.path, OWN, name))
    const before = readTree(home.path)
    const refused = await setup()
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/symbolic link.*\nhint: delete the link/),
    ])
    expect(readTree(home.path)).toEqual(before)
    rmSync(join(home.path, OWN, name))
    await done(setup())
    await done(acs(['unset']))
    expect(readTree(home.path)).toEqual(before)
  })

  it('is there again where the removal breaks off', async () => {
    await done(setup())
    linkOut('access-token', '../../secrets/NAME')
    home.write('.bash_profile', '# >>> acs-env >>>\n')
    const before = readTree(home.path)
    expect((await acs(['unset'])).exitCode).toBe(1)
    expect(readTree(home.path)).toEqual(before)
    expect(readlinkSync(join(home.path, OWN, 'access-token'))).toBe('../../secrets/access-token')
  })
})

describe('a directory of the user’s behind a link in the place of ours', () => {
  const contents: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['nothing', {}],
    ['a .gitignore', { '.gitignore': '*.log\n' }],
    ['a .gitignore like ours', { '.gitignore': '*\n' }],
    ['other files', { notes: 'mine', 'sub/file': 'mine' }],
    ['a connection string', { 'connection-string': 'endpoint=https://a.communication.azure.com/;accesskey=bWluZQ==' }],
    ['a token', { 'access-token': 'mine' }],
  ]
  it.each(contents)('with %s stays as it is, with its mode', async (_, files) => {
    mkdirSync(join(home.path, 'dot/acs'), { recursive: true })
    for (const [name, text] of Object.entries(files)) home.write(`dot/acs/${name}`, text)
    chmodSync(join(home.path, 'dot/acs'), 0o755)
    mkdirSync(join(home.path, '.config'))
    symlinkSync('../dot/acs', join(home.path, OWN))
    const before = readTree(home.path)
    for (const args of [['setup', '--connection-string', emulator.connectionString], ['unset'], ['refresh']]) {
      await acs(args)
      expect(readTree(home.path)).toEqual(before)
    }
    expect(statSync(join(home.path, 'dot/acs')).mode & 0o777).toBe(0o755)
    expect(readdirSync(join(home.path, '.config'))).toEqual(['acs-env'])
  })
})

describe('what the user keeps beside our files', () => {
  it.each([
    ['.gitignore', '*.log\n'],
    ['.gitignore', ''],
    ['.gitignore', '*\n!keep\n'],
    ['notes.txt', 'mine'],
    ['access-token.bak', 'mine'],
    ['backup/connection-string', 'mine'],
    ['.access-token.acs-env-backup', 'mine'],
  ])('stays: %s with %j', async (name, text) => {
    home.write(`${OWN}/${name}`, text)
    await done(setup())
    await done(acs(['refresh']))
    await done(setup(['--inline']))
    await done(acs(['unset']))
    expect(readTree(home.path)).toEqual({ [join(home.path, OWN, name)]: text })
  })
})
