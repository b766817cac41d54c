import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'
import type { WorldRun } from '../../support/homes/world.ts'
import { hasProgram } from '../../support/programs/requirements.ts'

const OWN = '.config/acs-env'

const setup = (args: readonly string[] = []): Promise<WorldRun> =>
  acs(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args])

/** Git without the configuration of the user who runs this. */
function git(...args: readonly string[]): void {
  const env = { PATH: process.env.PATH, HOME: home.path, GIT_CONFIG_NOSYSTEM: '1' }
  execFileSync('git', args, { cwd: home.path, env, stdio: 'ignore' })
}

/** Dotfiles in a repository whose work tree is the home, and which has no `.git` in it. */
function bare(directory: string): (...args: readonly string[]) => void {
  mkdirSync(join(home.path, directory), { recursive: true })
  git('init', '--bare', directory)
  return (...args) => git(`--git-dir=${directory}`, `--work-tree=${home.path}`, ...args)
}

const homes = [
  '.cfg',
  'dotfiles.git',
  '.local/share/yadm/repo.git',
  '.config/yadm/repo.git',
  '.config/vcsh/repo.d/x.git',
]

describe.runIf(hasProgram('git'))('a repository of dotfiles whose work tree is the home', () => {
  it.each(homes)('keeps --inline from putting a secret into a file that it has: %s', async (directory) => {
    home.write('.bashrc', 'mine=1\n')
    bare(directory)('add', '.bashrc')
    const run = await setup(['--inline'])
    expect([run.exitCode, run.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: ~\/\.bashrc is in the git repository \S+, where the values may be committed/),
    ])
    expect(home.read('.bashrc')).toBe('mine=1\n')
    expect((await setup()).exitCode).toBe(0)
  })

  it.each(homes)('is reported by status once it has a profile with the values: %s', async (directory) => {
    await setup(['--inline'])
    bare(directory)('add', '.bashrc')
    const run = await acs(['status'])
    expect([run.exitCode, run.stdout]).toEqual([3, expect.stringMatching(/Git has ~\/\.bashrc in the repository ~\//)])
  })

  it('does not matter where the profile is not in it', async () => {
    bare('.cfg')
    const run = await setup(['--inline'])
    expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/git/i)])
  })
})

/** How a `.gitignore` in our directory keeps nothing out. */
const ignores: readonly (readonly [string, () => void])[] = [
  ['empty', () => home.write(`${OWN}/.gitignore`, '')],
  ['taken back', () => home.write(`${OWN}/.gitignore`, '*\n!*\n')],
  ['taken back for one file', () => home.write(`${OWN}/.gitignore`, '*\n!connection-string\n')],
  ['about other files', () => home.write(`${OWN}/.gitignore`, '*.log\n')],
  ['commented out', () => home.write(`${OWN}/.gitignore`, '# *\n')],
]

describe.runIf(hasProgram('git'))('values in files that git would commit', () => {
  const repositories: readonly (readonly [string, () => void])[] = [
    ['~/.config', () => git('init', '.config')],
    ['the home', () => git('init')],
    ['~/.cfg', () => void bare('.cfg')],
  ]
  it.each(
    ignores.flatMap(([name, make], index) => {
      const [where, init] = repositories[index % repositories.length] ?? ['', () => undefined]
      return [[name, where, make, init] as const]
    }),
  )('are reported by setup and status: a .gitignore that is %s, in %s', async (_, _where, make, init) => {
    mkdirSync(join(home.path, OWN), { recursive: true })
    make()
    init()
    const first = await setup()
    expect([first.exitCode, first.stderr]).toEqual([
      0,
      expect.stringMatching(
        /^warning: Git would take ~\/\.config\/acs-env\/connection-string into the repository [~/]/m,
      ),
    ])
    expect((await acs(['status'])).stdout).toContain('Git would take')
    home.write(`${OWN}/.gitignore`, '*\n')
    expect((await acs(['status'])).stdout).not.toContain('Git')
  })

  it.each([
    ['added by force', () => git('add', '-f', `${OWN}/access-token`)],
    [
      'added before there was a .gitignore',
      () => {
        rmSync(join(home.path, OWN, '.gitignore'))
        git('add', OWN)
      },
    ],
  ])('are reported where git has them already: %s', async (_, add) => {
    git('init')
    await setup()
    add()
    const run = await acs(['status', '--json'])
    expect([run.exitCode, run.stdout]).toEqual([3, expect.stringContaining('git rm --cached')])
  })

  it('are no matter where git keeps them out, and where there is no git', async () => {
    git('init')
    expect((await setup()).stderr).not.toMatch(/git/i)
    expect((await acs(['status'])).stdout).not.toMatch(/git/i)
    home.write(`${OWN}/.gitignore`, '')
    const programs = join(home.path, 'bin')
    mkdirSync(programs)
    symlinkSync('/bin/sh', join(programs, 'sh'))
    const run = await acs(['status'], { env: { PATH: programs } })
    expect(run.stdout).not.toMatch(/git/i)
  })
})
