import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'
import { makeHome, readTree, type TestHome } from '../../support/homes/home.ts'
import type { WorldRun } from '../../support/homes/world.ts'

const OWN = '.config/acs-env'
const OWNER = 54_321
const base64 = (text: string): string => Buffer.from(text).toString('base64')

const setup = (args: readonly string[] = []): Promise<WorldRun> =>
  acs(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args])

/** The home and all in it is the other user's. */
function giveAway(): void {
  chownSync(home.path, OWNER, OWNER)
  for (const path of home.list()) lchownSync(join(home.path, path), OWNER, OWNER)
}

/** Files of root's, outside the home. */
let outside: TestHome
beforeEach((context) => {
  outside = makeHome('system')
  context.onTestFinished(() => outside.remove())
  outside.write('precious', 'precious\n')
  outside.write('profile', '# root\n')
  mkdirSync(join(outside.path, 'empty'))
})

const picture = (): unknown => [
  readTree(outside.path),
  readdirSync(outside.path).map((name) => [name, lstatSync(join(outside.path, name)).mode]),
]

function changeState(change: object): void {
  const state = JSON.parse(home.read(`${OWN}/state.json`)) as object
  home.write(`${OWN}/state.json`, JSON.stringify({ ...state, ...change }))
}

function linkInstead(name: string, target: string): void {
  rmSync(join(home.path, name), { recursive: true, force: true })
  mkdirSync(dirname(join(home.path, name)), { recursive: true })
  symlinkSync(join(outside.path, target), join(home.path, name))
}

function forge(path: string, record: object = {}): void {
  const whole = { created: false, addedNewline: false, before: '', after: '', replaced: [], ...record }
  home.write(`${OWN}/restore.json`, JSON.stringify({ version: 1, profiles: { [path]: whole } }))
}

const line = (text: string): object => ({ side: 'after', distance: 0, line: base64(text) })

/** What the owner of a home can prepare for root, who runs acs-env in it. */
const traps: readonly (readonly [string, () => void])[] = [
  ...['state.json', 'restore.json', 'access-token', 'connection-string', '.gitignore'].map(
    (name) => [`${name} is a link out`, () => linkInstead(`${OWN}/${name}`, 'precious')] as const,
  ),
  ['our directory is a link out', () => linkInstead(OWN, 'empty')],
  ['~/.config is a link out', () => linkInstead('.config', 'empty')],
  ['a profile is a link out', () => linkInstead('.bash_profile', 'profile')],
  ['a profile is a link to nothing outside', () => linkInstead('.bashrc', 'new-profile')],
  [
    'a link leads out through another one',
    () => {
      symlinkSync(outside.path, join(home.path, 'way'))
      rmSync(join(home.path, '.bashrc'))
      symlinkSync('way/profile', join(home.path, '.bashrc'))
    },
  ],
  [
    'a record names a file outside',
    () => forge(join(outside.path, 'profile'), { replaced: [line('export A=evil\n')] }),
  ],
  ['a record climbs out', () => forge('~/../system/profile', { replaced: [line('export A=evil\n')], mode: 0o666 })],
  ['a record says that a file outside was made', () => forge(join(outside.path, 'profile'), { created: true })],
  ['a record holds another line', () => forge('~/.bashrc', { replaced: [line('evil::0:0::/root:/bin/sh\n')] })],
  ['a record holds two lines', () => forge('~/.bashrc', { replaced: [line('export A=1\nevil\n')] })],
  ['a record gives a mode that no profile has', () => forge('~/.bashrc', { mode: 0o4777 })],
  [
    'the state names an empty directory outside',
    () => changeState({ created_directories: [join(outside.path, 'empty')] }),
  ],
  [
    'the state names a profile outside',
    () => {
      outside.write('profile', home.read('.bash_profile'))
      changeState({ profiles: [join(outside.path, 'profile')] })
    },
  ],
]

/** Only root can give files away. */
describe.skipIf(process.geteuid?.() !== 0)('root in the home of another user', () => {
  it.each(['files', 'inline'])('works for the files of that user alone: values in %s', async (kind) => {
    home.write('.bash_profile', 'mine\n')
    giveAway()
    expect((await setup(kind === 'inline' ? ['--inline'] : [])).stderr).not.toMatch(/^(?:error|warning)/m)
    expect(home.list().map((path) => lstatSync(join(home.path, path)).uid)).toEqual(home.list().map(() => OWNER))
    expect((await acs(['refresh'])).exitCode).toBe(0)
    expect((await acs(['unset'])).exitCode).toBe(0)
    expect([home.list(), home.read('.bash_profile')]).toEqual([['.bash_profile'], 'mine\n'])
  })

  describe.each(['files', 'inline'])('with the values in %s', (kind) => {
    it.each(traps)('changes nothing outside: %s', async (_, prepare) => {
      await setup(kind === 'inline' ? ['--inline'] : [])
      prepare()
      giveAway()
      const before = picture()
      for (const args of [['refresh'], ['setup', '--no-verify'], ['unset'], ['unset', '--dry-run'], ['token']]) {
        const run = await acs(args)
        expect([args, run.exitCode === 70, picture()]).toEqual([args, false, before])
      }
    })
  })

  it('does not make a file writable for all because a record says so', async () => {
    home.write('.bash_profile', 'mine\n')
    await setup(['--inline'])
    const document = JSON.parse(home.read(`${OWN}/restore.json`)) as { profiles: Record<string, { mode: number }> }
    for (const record of Object.values(document.profiles)) record.mode = 0o666
    home.write(`${OWN}/restore.json`, JSON.stringify(document))
    giveAway()
    expect((await acs(['unset'])).exitCode).toBe(0)
    expect(statSync(join(home.path, '.bash_profile')).mode & 0o777).toBe(0o644)
  })

  it.each(['bash', 'zsh', 'mksh'])('runs nothing of that user’s: %s', async (shell) => {
    const trap = `ENV=~/.mkshrc; ZDOTDIR=~; : > ${outside.path}/ran\n`
    for (const name of ['.bash_profile', '.bashrc', '.zshenv', '.zshrc', '.profile', '.mkshrc']) home.write(name, trap)
    giveAway()
    const run = await acs(['setup', '--shell', shell, '--connection-string', emulator.connectionString])
    expect([run.exitCode, run.stderr]).toEqual([0, expect.stringContaining('belongs to another user, whose start-up')])
    await acs(['doctor'])
    await acs(['unset'])
    expect(readdirSync(outside.path)).not.toContain('ran')
    expect(home.read('.bashrc')).toBe(trap)
  })

  it.each(['normalTarget', 'eventTarget', 'perfTarget'])(
    'has git write no log where that home is configured so: trace2.%s',
    async (target) => {
      home.write('.gitconfig', `[trace2]\n\t${target} = ${outside.path}/log\n`)
      home.write('.config/git/config', `[trace2]\n\t${target} = ${outside.path}/log\n`)
      execFileSync('git', ['init', '--quiet', home.path], { env: { PATH: process.env.PATH } })
      execFileSync('git', ['init', '--quiet', '--bare', join(home.path, '.cfg')], { env: { PATH: process.env.PATH } })
      giveAway()
      const commands = [['refresh'], ['status'], ['doctor'], ['setup', '--dotenv', '.env'], ['unset', '--yes']]
      await setup()
      for (const args of commands) expect([args, (await acs(args)).exitCode === 70]).toEqual([args, false])
      expect(readdirSync(outside.path)).not.toContain('log')
    },
  )

  const entra = { kind: 'entra', endpoint: 'https://contoso.communication.azure.com/' }
  it.each([
    ['a command', { kind: 'command', directory: '/' }, 'command'],
    ['a command, in a directory of theirs', { kind: 'command', directory: 'HOME' }, 'command'],
    ['the Azure CLI', { kind: 'azure-cli', resource_id: '/subscriptions/1/resourceGroups/g/x' }, undefined],
    ['a command for Entra ID', { ...entra, directory: '/' }, 'token_command'],
    ['the Azure CLI for Entra ID', entra, undefined],
  ])('asks no program that a record names: %s', async (_, source, option) => {
    await setup(['--token-only'])
    const ran = join(outside.path, 'ran')
    const az = home.write('bin/az', `#!/bin/sh\n: > ${ran}\n`)
    chmodSync(az, 0o755)
    const directory = 'directory' in source && source.directory === 'HOME' ? home.path : '/'
    changeState({ source: { ...source, directory, ...(option !== undefined && { [option]: `: > ${ran}` }) } })
    giveAway()
    const env = { PATH: `${dirname(az)}:${process.env.PATH ?? ''}` }
    for (const args of [['refresh'], ['setup', '--no-verify'], ['unset', '--revoke', '--yes']]) {
      const run = await acs(args, { env })
      expect([args, run.exitCode, run.stderr]).toEqual([args, 1, expect.stringContaining('is not run.\n')])
    }
    expect(readdirSync(outside.path)).not.toContain('ran')
  })

  it('refuses a file in it that is a third user’s', async () => {
    await setup()
    giveAway()
    const profile = join(home.path, '.bash_profile')
    chownSync(profile, OWNER + 1, OWNER + 1)
    chmodSync(profile, 0o666)
    for (const command of ['unset', 'setup']) {
      const run = await acs([command])
      expect([run.exitCode, run.stderr]).toEqual([1, expect.stringMatching(/^error: ~\/\.bash_profile .*belong/)])
    }
  })
})
