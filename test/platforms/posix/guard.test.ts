import { chmodSync, chownSync, mkdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'
import { inMinutes, setExpiry } from '../../support/homes/stored-values.ts'
import { runInWorld, type WorldOptions, type WorldRun } from '../../support/homes/world.ts'

const OWN = '.config/acs-env'
const SOMEBODY = 54_321

const setup = (args: readonly string[] = [], options: WorldOptions = {}): Promise<WorldRun> =>
  acs(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args], options)

async function expectReady(args: readonly string[] = []): Promise<void> {
  const run = await setup(args)
  expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/^(error|warning)/m)])
}

/** Each command that would change something says the same, dry or not, and changes nothing. */
async function expectRefusals(
  commands: readonly (readonly string[])[],
  message: RegExp,
  options: WorldOptions = {},
): Promise<void> {
  const before = home.list()
  for (const args of commands.flatMap((command) => [[...command, '--dry-run'], command])) {
    const run = await acs(args, options)
    expect([args[0], run.exitCode, run.stdout, run.stderr]).toEqual([args[0], 1, '', expect.stringMatching(message)])
  }
  expect(home.list()).toEqual(before)
}

const WRITERS = [['setup', '--no-verify'], ['refresh'], ['unset']]
/** The owner of the home, which need not be the user who runs the tests. */
const userId = (): number => statSync(home.path).uid

describe('sudo', () => {
  const asRoot = (): WorldOptions => ({ env: { SUDO_UID: String(userId()) }, userId: userId() + 1 })

  it('with the home of another user is refused by what writes, and by nothing that reads', async () => {
    await expectReady()
    await expectRefusals(WRITERS, /^error: sudo .* in the home of another\.\nhint: leave out sudo/, asRoot())
    expect((await acs(['status'], asRoot())).exitCode).toBe(0)
    expect((await acs(['token'], asRoot())).exitCode).toBe(0)
  })

  it('hands a command the token that is still good, and renews none', async () => {
    await expectReady()
    const token = home.read(`${OWN}/access-token`)
    setExpiry(home, inMinutes(5))
    const run = await acs(['token'], asRoot())
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([
      0,
      `${token}\n`,
      expect.stringMatching(/could not be renewed: sudo/),
    ])
    expect(home.read(`${OWN}/access-token`)).toBe(token)
  })

  it('with a home of its own, and root without sudo in a container, are fine', async () => {
    expect((await setup([], { env: { SUDO_UID: '1000' }, userId: userId() })).exitCode).toBe(0)
    expect((await setup([], { userId: userId() + 1 })).stderr).not.toMatch(/^(error|warning)/m)
  })
})

describe('a link in the place of what is ours', () => {
  it('is refused for the directory', async () => {
    mkdirSync(join(home.path, 'elsewhere'))
    mkdirSync(join(home.path, '.config'))
    symlinkSync('../elsewhere', join(home.path, OWN))
    const commands = [['setup', '--no-verify', '--connection-string', emulator.connectionString]]
    await expectRefusals(
      commands,
      /^error: ~\/\.config\/acs-env is a symbolic link.*\nhint: delete the link, which leaves alone/,
    )
  })

  it.each(['connection-string', 'access-token', 'state.json', 'restore.json', '.gitignore'])(
    'is refused for %s, whether it leads somewhere or not',
    async (name) => {
      await expectReady()
      for (const target of ['elsewhere', 'nowhere']) {
        home.write('elsewhere', name.endsWith('.json') ? home.read(`${OWN}/${name}`) : 'x')
        rmSync(join(home.path, OWN, name))
        symlinkSync(join(home.path, target), join(home.path, OWN, name))
        await expectRefusals(
          [['setup', '--no-verify'], ['refresh']],
          /^error: ~\/\.config\/acs-env\/[\w.-]+ is a symbolic link/,
        )
        rmSync(join(home.path, OWN, name))
        home.write(`${OWN}/${name}`, home.read('elsewhere'))
      }
    },
  )

  it('does not keep unset from taking away what is behind it', async () => {
    await expectReady()
    renameSync(join(home.path, OWN), join(home.path, 'elsewhere'))
    symlinkSync('../elsewhere', join(home.path, OWN))
    expect((await acs(['unset'])).exitCode).toBe(0)
    expect(home.list()).toEqual(['.config', OWN, 'elsewhere'])
  })

  it('further up is the user’s own order: ~/.config, and the home itself', async () => {
    mkdirSync(join(home.path, 'dotfiles'))
    symlinkSync('dotfiles', join(home.path, '.config'))
    await expectReady()
    expect(home.list()).toContain('dotfiles/acs-env/access-token')
    const link = join(dirname(home.path), 'link')
    symlinkSync(home.path, link)
    expect((await runInWorld(['refresh'], link)).exitCode).toBe(0)
  })
})

/** Only root can give a file away. */
describe.skipIf(process.geteuid?.() !== 0)('what belongs to somebody else', () => {
  it('is refused where it is a file of ours, which would go on being theirs', async () => {
    await expectReady()
    for (const name of ['access-token', 'connection-string', 'state.json']) {
      chownSync(join(home.path, OWN, name), SOMEBODY, SOMEBODY)
      await expectRefusals(
        WRITERS,
        new RegExp(String.raw`^error: ~/\.config/acs-env/${name} belongs to another user\.\n`),
      )
      chownSync(join(home.path, OWN, name), userId(), userId())
    }
  })

  it('is refused where it is our directory, to root as well', async () => {
    await expectReady()
    chownSync(join(home.path, OWN), SOMEBODY, SOMEBODY)
    const refusal = /^error: ~\/\.config\/acs-env belongs to another user\.\nhint: .*chown\n$/
    await expectRefusals(WRITERS, refusal)
    await expectRefusals(WRITERS, refusal, { userId: 1 })
    chownSync(home.path, SOMEBODY, SOMEBODY)
    expect((await acs(['refresh'])).exitCode).toBe(0)
  })

  it('is the home, which gets files of its own from root, as in a container', async () => {
    chownSync(home.path, SOMEBODY, SOMEBODY)
    await expectReady()
    expect((await acs(['refresh'])).exitCode).toBe(0)
    const owners = home.list().map((path) => [path, statSync(join(home.path, path)).uid])
    expect(owners.length).toBeGreaterThan(5)
    expect(owners).toEqual(owners.map(([path]) => [path, SOMEBODY]))
  })

  it('is refused where it is a profile, to root as well', async () => {
    const profile = home.write('.bash_profile', 'theirs\n')
    const command = ['setup', '--no-verify', '--connection-string', emulator.connectionString]
    chownSync(profile, SOMEBODY, SOMEBODY)
    const refusal = /^error: ~\/\.bash_profile belongs to another user\.\nhint: .*--rc-file\n$/
    for (const user of [0, 1]) await expectRefusals([command, [...command, '--inline']], refusal, { userId: user })
    chownSync(home.path, SOMEBODY, SOMEBODY)
    await expectReady()
    expect(statSync(profile).uid).toBe(SOMEBODY)
  })
})

describe('what others can write to', () => {
  it.each([
    ['a profile', '.bash_profile', 0o646],
    ['the home', '', 0o757],
    ['~/.config', '.config', 0o757],
  ])('is a warning: %s', async (_, name, mode) => {
    home.write('.bash_profile', 'mine\n')
    mkdirSync(join(home.path, '.config'))
    chmodSync(join(home.path, name), mode)
    for (const dryRun of [['--dry-run'], []]) {
      const run = await setup(dryRun)
      const warnings = run.stderr.match(/^warning: .*/gm)
      expect(warnings).toEqual([
        expect.stringMatching(`Others can write to \\S*${name || 'home'}, .* "chmod go-w \\S*"`),
      ])
      expect(run.exitCode).toBe(0)
    }
  })

  it('is none where the group is the user’s alone, where --inline makes it private, and in a place like /tmp', async () => {
    const profile = home.write('.bash_profile', 'mine\n')
    const group = statSync(profile).gid
    chmodSync(profile, 0o664)
    const run = await setup()
    expect(/^warning: Others/m.test(run.stderr)).toBe(group !== statSync(profile).uid)
    chmodSync(profile, 0o666)
    await expectReady(['--inline'])
    chmodSync(profile, 0o644)
    chmodSync(home.path, 0o1777)
    await expectReady()
  })

  it.skipIf(process.geteuid?.() !== 0)('is one where a group of several can', async () => {
    const profile = home.write('.bash_profile', 'mine\n')
    chownSync(profile, 0, SOMEBODY)
    chmodSync(profile, 0o664)
    expect((await setup()).stderr).toMatch(/^warning: Others can write to ~\/\.bash_profile/m)
  })
})

describe('--inline and a profile that git may publish', () => {
  const inline = (): readonly string[] => [
    'setup',
    '--no-verify',
    '--inline',
    '--connection-string',
    emulator.connectionString,
  ]

  it.each([
    ['a repository', (): unknown => home.write('dotfiles/.git/HEAD', '')],
    ['a worktree or submodule', (): unknown => home.write('dotfiles/.git', 'gitdir: elsewhere')],
  ])('is refused behind a link into %s', async (_, prepare) => {
    prepare()
    home.write('dotfiles/bash/profile', 'mine\n')
    symlinkSync('dotfiles/bash/profile', join(home.path, '.bash_profile'))
    const refusal = /^error: ~\/\.bash_profile is in the git repository .*\/dotfiles, .*\nhint: leave out --inline/
    await expectRefusals([inline()], refusal)
    expect(home.read('dotfiles/bash/profile')).toBe('mine\n')
    await expectReady()
  })

  it('is refused where the file is still to come, and for a home that is one', async () => {
    home.write('dotfiles/.git/HEAD', '')
    symlinkSync('dotfiles/profile', join(home.path, '.bash_profile'))
    await expectRefusals([inline()], /^error: ~\/\.bash_profile is in the git repository/)
    rmSync(join(home.path, '.bash_profile'))
    expect((await acs([...inline(), '--dry-run'])).exitCode).toBe(0)
    mkdirSync(join(home.path, '.git'))
    await expectRefusals([inline()], /^error: ~\/\.bash_profile is in the git repository/)
  })
})
