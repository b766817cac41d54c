import { execFileSync } from 'node:child_process'
import { chownSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { acs, emulator, home } from '../../support/homes/emulator-and-home.ts'
import { readTree } from '../../support/homes/home.ts'
import type { WorldOptions, WorldRun } from '../../support/homes/world.ts'
import { canBeAnybody } from '../../support/programs/as-user.ts'
import { hasProgram } from '../../support/programs/requirements.ts'

/** Git without the configuration of the user who runs this. */
function git(...args: readonly string[]): void {
  const env = { PATH: process.env.PATH, HOME: home.path, GIT_CONFIG_NOSYSTEM: '1' }
  execFileSync('git', args, { cwd: join(home.path, 'project'), env, stdio: 'ignore' })
}

const setup = (args: readonly string[] = [], options: WorldOptions = {}): Promise<WorldRun> =>
  acs(['setup', '--dotenv', '.env', '--connection-string', emulator.connectionString, ...args], {
    workingDirectory: join(home.path, 'project'),
    ...options,
  })

/** What the answer says of the file. */
async function written(args: readonly string[] = [], options: WorldOptions = {}): Promise<unknown> {
  const { stdout } = await setup(['--json', ...args], options)
  return (JSON.parse(stdout) as { readonly dotenv: object }).dotenv
}

/** How setup ends without and with --force, and whether the first changed anything. */
async function tryBoth(options: WorldOptions = {}): Promise<object> {
  const before = readTree(join(home.path, 'project'))
  const { exitCode, stderr } = await setup([], options)
  const changes = JSON.stringify(readTree(join(home.path, 'project'))) !== JSON.stringify(before)
  return { exitCode, stderr, changes, byForce: await written(['--force'], options) }
}

const refusal = (message: string): object => ({
  exitCode: 1,
  stderr: expect.stringContaining(message) as unknown,
  changes: false,
  byForce: expect.objectContaining({ git: 'forced' }) as unknown,
})

const NOT_IGNORED =
  'error: git would commit .env: it is not ignored here.\nhint: add ".env" to .gitignore, or give --force'

describe.runIf(hasProgram('git'))('a .env file in a repository', () => {
  beforeEach(() => {
    mkdirSync(join(home.path, 'project'))
    git('init')
  })

  it('is refused where nothing keeps it out', async () => {
    expect(await tryBoth()).toEqual(refusal(NOT_IGNORED))
  })

  it.each([
    ['the .gitignore beside it', 'project/.gitignore', '.env*\n'],
    ['the exclude file', 'project/.git/info/exclude', '.env\n'],
    ['the one of the user', '.config/git/ignore', '.env\n'],
  ])('is written where %s keeps it out', async (_, file, contents) => {
    home.write(file, contents)
    expect(await written()).toMatchObject({ git: 'ignored', created: true })
  })

  it('is refused where git has it although it is ignored', async () => {
    home.write('project/.env', 'A=1\n')
    git('add', '.env')
    home.write('project/.gitignore', '.env\n')
    expect(await tryBoth()).toEqual(
      refusal('error: git has .env, and would commit the values with it.\nhint: run "git rm --cached .env"'),
    )
  })

  it('is refused in a new directory that git does not know', async () => {
    mkdirSync(join(home.path, 'project/apps/new'), { recursive: true })
    const run = await setup([], { workingDirectory: join(home.path, 'project/apps/new') })
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('git would commit .env')])
  })

  it('is judged by where a link leads to: out of a repository', async () => {
    mkdirSync(join(home.path, 'elsewhere'))
    symlinkSync('../elsewhere/.env', join(home.path, 'project/.env'))
    expect(await written()).toMatchObject({ git: 'outside', file: join(home.path, 'elsewhere/.env') })
  })

  it('is judged by where a link leads to: into a repository', async () => {
    mkdirSync(join(home.path, 'elsewhere'))
    symlinkSync('../project/.env', join(home.path, 'elsewhere/.env'))
    expect(await tryBoth({ workingDirectory: join(home.path, 'elsewhere') })).toEqual(refusal('git would commit .env'))
  })

  it('is judged by its own repository, whatever GIT_DIR says', async () => {
    expect(await tryBoth({ env: { GIT_DIR: '/nowhere', GIT_WORK_TREE: '/' } })).toEqual(refusal(NOT_IGNORED))
  })

  it.runIf(canBeAnybody())('is refused where git refuses the repository of another user', async () => {
    chownSync(join(home.path, 'project/.git'), 4321, 4321)
    chownSync(join(home.path, 'project'), 4321, 4321)
    expect(await tryBoth()).toEqual(
      refusal('Whether git would commit .env cannot be told: git says "detected dubious ownership'),
    )
  })

  it('is refused where there is a repository and no git', async () => {
    home.write('project/.gitignore', '.env\n')
    expect(await tryBoth({ env: { PATH: '/nowhere' } })).toEqual(
      refusal('cannot be told: git is not installed, and there is a repository'),
    )
  })

  it('is refused where the repository is damaged', async () => {
    home.write('project/.git/config', '[core\n')
    expect(await tryBoth()).toEqual(refusal('cannot be told: git says "bad config line 1'))
  })

  it.each([
    ['a worktree whose repository has moved', 'gitdir: /nonexistent/.git/worktrees/project\n'],
    ['a submodule whose repository is away', 'gitdir: ../.git/modules/project\n'],
    ['a file of git with something else in it', 'rubbish\n'],
    ['an empty file of git', ''],
  ])('is refused in %s', async (_, contents) => {
    rmSync(join(home.path, 'project/.git'), { recursive: true })
    home.write('project/.git', contents)
    expect(await tryBoth()).toEqual(refusal('cannot be told: git says "'))
  })

  it('is refused in a worktree beside its repository, and in a submodule', async () => {
    git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--allow-empty', '-m', 'x')
    git('worktree', 'add', '../tree')
    git('-c', 'protocol.file.allow=always', 'submodule', 'add', join(home.path, 'tree'), 'part')
    for (const directory of ['tree', 'project/part']) {
      const run = await setup([], { workingDirectory: join(home.path, directory) })
      expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('git would commit .env')])
    }
  })

  it('is written in a bare repository, and in what git keeps for itself: nobody commits that', async () => {
    mkdirSync(join(home.path, 'bare'))
    git('init', '--bare', '../bare')
    expect(await written([], { workingDirectory: join(home.path, 'bare') })).toMatchObject({ git: 'outside' })
    const within = await written([], { workingDirectory: join(home.path, 'project/.git') })
    expect(within).toMatchObject({ git: 'outside' })
  })

  it('is refused where the repository of the home has it', async () => {
    home.write('.env', 'A=1\n')
    git('init', '--bare', '../.cfg')
    git('--git-dir=../.cfg', `--work-tree=${home.path}`, 'add', '../.env')
    const run = await setup([], { workingDirectory: home.path })
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('git has .env')])
  })

  it('is reported by status once git would take it, unless that was wanted', async () => {
    home.write('project/.gitignore', '.env\n')
    await setup()
    home.write('project/.gitignore', '')
    const problems = async (): Promise<unknown> =>
      (JSON.parse((await acs(['status', '--json'])).stdout) as { readonly problems: unknown }).problems
    expect(await problems()).toEqual(['Git would commit ~/project/.env; a line in .gitignore keeps it out.'])
    await setup(['--force'])
    expect(await problems()).toEqual([])
  })
})

describe.runIf(canBeAnybody())('a .env file of somebody else', () => {
  beforeEach(() => {
    mkdirSync(join(home.path, 'project'))
  })

  it('is left alone', async () => {
    chownSync(home.write('project/.env', 'A=1\n'), 4322, 4322)
    const run = await setup()
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining('.env belongs to another user.')])
    expect(home.read('project/.env')).toBe('A=1\n')
  })

  it('is left alone behind a link of theirs', async () => {
    chownSync(join(home.path, 'project'), 4322, 4322)
    home.write('mine', 'A=1\n')
    symlinkSync('../mine', join(home.path, 'project/.env'))
    execFileSync('chown', ['-h', '4322', join(home.path, 'project/.env')])
    const run = await setup()
    expect([run.exitCode, run.stderr]).toEqual([1, expect.stringContaining("is a link of another user's.")])
    expect(home.read('mine')).toBe('A=1\n')
  })

  it('is written by root in a container, where the whole project is theirs', async () => {
    chownSync(join(home.path, 'project'), 4322, 4322)
    chownSync(home.write('project/.env', 'A=1\n'), 4322, 4322)
    expect(await written()).toMatchObject({ created: false })
    expect(await written()).toMatchObject({ created: false })
  })
})
