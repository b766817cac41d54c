import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'
import type { WorldRun } from '../../support/homes/world.ts'

const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const OWN_LINE = `export ${TOKEN}="own"\n`

const setup = (args: readonly string[] = []): Promise<WorldRun> =>
  acs(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args])

/** What can be in place of a start-up file, and takes no block. */
const kinds: readonly (readonly [string, (path: string) => void | Promise<void>])[] = [
  ['a pipe', (path) => void execFileSync('mkfifo', [path])],
  ['a directory', (path) => mkdirSync(path)],
  ['a link to a directory', (path) => symlinkSync('.', path)],
  ['a link to a device', (path) => symlinkSync('/dev/null', path)],
  ['a link to itself', (path) => symlinkSync('.bashrc', path)],
  ['a link to a pipe', linkToPipe],
  ['a link to where no directory is', (path) => symlinkSync('/nonexistent/profile', path)],
  ['a socket', listenAt],
  ['a file in UTF-16', (path) => writeFileSync(path, Buffer.from('\uFEFFa=1\n', 'utf16le'))],
  ['a file of gigabytes', sparse],
]

function linkToPipe(path: string): void {
  execFileSync('mkfifo', [join(home.path, 'pipe')])
  symlinkSync('pipe', path)
}

async function listenAt(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((settle) => server.listen(path, settle))
  onTestFinished(() => void server.close())
}

function sparse(path: string): void {
  execFileSync('truncate', ['--size', '3G', path])
}

describe.each(kinds)('in the place of ~/.bashrc, %s', (_, make) => {
  const path = (): string => join(home.path, '.bashrc')
  beforeEach(() => home.write('.bash_profile', OWN_LINE))

  it('is a warning, and no command fails for it', async () => {
    await make(path())
    const first = await setup()
    expect([first.exitCode, first.stderr]).toEqual([0, expect.stringMatching(/^warning: .+ Shells that read only/m)])
    expect(home.read('.bash_profile')).toContain('# >>> acs-env >>>')
    expect((await setup(['--inline'])).exitCode).toBe(0)
    for (const args of [['refresh'], ['token'], ['unset']]) {
      const run = await acs(args)
      expect([args, run.exitCode, run.stderr]).toEqual([args, 0, expect.not.stringMatching(/^error/m)])
    }
    expect(home.read('.bash_profile')).toBe(OWN_LINE)
  })

  it('is reported by status and unset where it appeared later', async () => {
    await setup()
    rmSync(path())
    await make(path())
    const status = await acs(['status', '--json'])
    expect([status.exitCode, JSON.parse(status.stdout)]).toEqual([3, expect.objectContaining({ ready: false })])
    // Of a file that is too large to read nobody knows whether the block is still in it.
    const [ending, left] = make === sparse ? [1, expect.stringContaining('acs-env')] : [0, OWN_LINE]
    const run = await acs(['unset'])
    expect(run.exitCode).toBe(ending)
    expect(home.read('.bash_profile')).toEqual(left)
  })

  it('is not forgotten where setup could not read it for a while', async () => {
    home.write('.bashrc', 'mine=1\n')
    await setup()
    renameSync(path(), `${path()}.away`)
    await make(path())
    expect((await setup()).exitCode).toBe(0)
    rmSync(path(), { recursive: true })
    renameSync(`${path()}.away`, path())
    expect((await acs(['unset'])).exitCode).toBe(0)
    expect([home.read('.bash_profile'), home.read('.bashrc')]).toEqual([OWN_LINE, 'mine=1\n'])
  })
})

describe('a profile that another name leads to', () => {
  it.each(['.bash_profile', '.bashrc'])(
    'is written in place, so that both names go on being one file: %s',
    async (name) => {
      const other = home.write('dotfiles/profile', 'mine=1\n')
      linkSync(other, join(home.path, name))
      const { ino } = statSync(other)
      expect((await setup()).exitCode).toBe(0)
      expect([home.read('dotfiles/profile'), statSync(join(home.path, name)).ino]).toEqual([home.read(name), ino])
      expect((await acs(['unset'])).exitCode).toBe(0)
      expect([home.read('dotfiles/profile'), statSync(join(home.path, name)).ino]).toEqual(['mine=1\n', ino])
    },
  )
})

it('a profile with the values of another resource in it is not left behind by a change', async () => {
  await setup(['--inline'])
  const file = join(home.path, '.bashrc')
  execFileSync('chmod', ['0400', file])
  const run = await setup(['--inline'])
  expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/^error: \S*\.bashrc could not be written/)])
})
