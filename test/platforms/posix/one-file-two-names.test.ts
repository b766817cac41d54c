import { chmodSync, linkSync, mkdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { emulator, home } from '../../support/homes/emulator-and-home.ts'
import { readTree } from '../../support/homes/home.ts'
import { runInWorld, type WorldOptions } from '../../support/homes/world.ts'

const TEXT = '# mine\nexport AZURE_COMMUNICATION_ACCESS_TOKEN="my-own-value"\nlast=1\n'

async function run(args: readonly string[], options: WorldOptions = {}, path = home.path): Promise<string> {
  const { exitCode, stderr } = await runInWorld(args, path, options)
  expect([args, exitCode, stderr]).toEqual([args, 0, expect.not.stringMatching(/^error/m)])
  return stderr
}

const setup = (args: readonly string[] = [], options: WorldOptions = {}, path = home.path): Promise<string> =>
  run(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args], options, path)

const shell = (program: string): WorldOptions => ({ env: { SHELL: program } })

/** A second name of the home. */
function linkedHome(): string {
  const link = join(dirname(home.path), 'linked')
  symlinkSync(home.path, link)
  return link
}

/** Ways in which setup comes upon one file by two names. */
const ways: readonly (readonly [string, string, () => Promise<unknown>])[] = [
  [
    'a linked profile, set up under two shells',
    '.profile',
    async () => {
      symlinkSync('.profile', join(home.path, '.bash_profile'))
      await setup([], shell('/bin/bash'))
      await setup([], shell('/bin/sh'))
    },
  ],
  [
    'the same in the other order',
    '.profile',
    async () => {
      symlinkSync('.profile', join(home.path, '.bash_profile'))
      await setup([], shell('/bin/sh'))
      await setup([], shell('/bin/bash'))
    },
  ],
  [
    'a profile linked to another, then named',
    '.bashrc',
    async () => {
      symlinkSync('.bashrc', join(home.path, '.bash_profile'))
      await setup()
      await setup(['--rc-file', '.bashrc'])
    },
  ],
  [
    'a home that is a link, then the file by its physical path',
    '.bash_profile',
    async () => {
      const link = linkedHome()
      await setup([], {}, link)
      await setup(['--rc-file', join(home.path, '.bash_profile')], {}, link)
    },
  ],
  [
    'a home that is a link, then the home itself',
    '.bash_profile',
    async () => {
      await setup([], {}, linkedHome())
      await setup()
    },
  ],
  [
    'a chain of links through a linked directory',
    'data/shared/profile',
    async () => {
      mkdirSync(join(home.path, 'data/u'), { recursive: true })
      symlinkSync('data/u', join(home.path, 'dotfiles'))
      symlinkSync('../shared/profile', join(home.path, 'data/u/profile'))
      symlinkSync('dotfiles/profile', join(home.path, '.bash_profile'))
      symlinkSync('data/shared/profile', join(home.path, '.profile'))
      await setup([], shell('/bin/bash'))
      await setup([], shell('/bin/sh'))
    },
  ],
  [
    'a path with dots in it',
    '.bash_profile',
    async () => {
      await setup()
      await setup(['--rc-file', 'a/../.bash_profile'])
    },
  ],
]

describe('one file by two names', () => {
  it.each(ways)('gets its line back with unset: %s', async (_, file, twice) => {
    home.write(file, TEXT)
    const before = readTree(home.path)
    await twice()
    await run(['unset'])
    expect(readTree(home.path)).toEqual({ ...before, [join(home.path, file)]: TEXT })
  })

  it.each(ways)('gets its mode back after --inline: %s', async (_, file, twice) => {
    home.write(file, TEXT)
    chmodSync(join(home.path, file), 0o644)
    await setup(['--inline', '--rc-file', file])
    expect(statSync(join(home.path, file)).mode & 0o777).toBe(0o600)
    await twice()
    await run(['unset'])
    expect([home.read(file), statSync(join(home.path, file)).mode & 0o777]).toEqual([TEXT, 0o644])
  })

  it.each(ways.filter(([, file]) => !file.includes('/')))(
    'that was made for the block is not left behind: %s',
    async (_, file, twice) => {
      await twice()
      await run(['unset'])
      expect(home.list()).not.toContain(file)
    },
  )

  it.each([
    [
      'two spellings of the home',
      (real: string, link: string) => [join(real, '.bash_profile'), join(link, '.bash_profile')],
    ],
    ['a link and its file', () => ['~/.bash_profile', '~/.profile']],
    ['the file and a link to it', () => ['~/.profile', '~/.bash_profile']],
  ])('in the notes of an older version keeps the lines of both: %s', async (_, names) => {
    home.write('.profile', TEXT)
    symlinkSync('.profile', join(home.path, '.bash_profile'))
    const link = linkedHome()
    await setup()
    const path = join(home.path, '.config/acs-env/restore.json')
    const document = JSON.parse(home.read('.config/acs-env/restore.json')) as { profiles: Record<string, object> }
    const [first = '', second = ''] = names(home.path, link)
    const [record] = Object.entries(document.profiles).flatMap(([name, value]) =>
      name.endsWith('profile') ? [value] : [],
    )
    const others = Object.entries(document.profiles).filter(([name]) => !name.endsWith('profile'))
    const profiles = { [first]: record, [second]: { ...record, replaced: [] }, ...Object.fromEntries(others) }
    writeFileSync(path, JSON.stringify({ version: 1, profiles }))
    await run(['unset'])
    expect(home.read('.profile')).toBe(TEXT)
  })

  it.each([
    ['/bin/bash', '/bin/sh'],
    ['/bin/sh', '/bin/bash'],
  ])('gets its line back where the names are hard links: %s, then %s', async (first, second) => {
    home.write('.bashrc', TEXT)
    linkSync(join(home.path, '.bashrc'), join(home.path, 'hard'))
    symlinkSync('hard', join(home.path, '.bash_profile'))
    symlinkSync('.bashrc', join(home.path, '.profile'))
    await setup([], shell(first))
    await setup([], shell(second))
    await run(['unset'])
    expect([home.read('.bashrc'), home.read('hard')]).toEqual([TEXT, TEXT])
    expect(statSync(join(home.path, 'hard')).nlink).toBe(2)
  })

  it('gets its line back in a home that was moved, and is a link now', async () => {
    home.write('.bash_profile', TEXT)
    await setup()
    const moved = join(dirname(home.path), 'moved')
    renameSync(home.path, moved)
    symlinkSync(moved, home.path)
    await run(['unset'])
    expect(home.read('.bash_profile')).toBe(TEXT)
  })
})
