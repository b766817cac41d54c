import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { below } from '../../files/below.ts'
import { followLinks } from '../../files/read.ts'
import { shellPath } from '../../shells/posix-syntax.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { gitEnvironment } from './git-environment.ts'
import type { PosixPlace } from './place.ts'

/** It only reads what it has about some files. */
const TIMEOUT_MS = 3_000
/** Where programs keep a repository whose work tree is the home; others are found by what is in them. */
const KEPT_BELOW = ['.local/share/yadm', '.config/yadm', '.yadm', '.local/share/vcsh/repo.d', '.config/vcsh/repo.d']

type GitRunner = Pick<System, 'run' | 'env' | 'userId'>

/** A repository that files of the home can be in. */
interface Repository {
  /** As people know it. */
  readonly path: string
  /** The arguments that make git use it. */
  readonly args: readonly string[]
}

/** A file that git has, or would take with the others. */
export interface Exposed {
  readonly path: string
  readonly repository: string
  readonly how: 'tracked' | 'not-ignored'
}

/**
 * Which of these files git would commit: those that it has already, and those that no `.gitignore` keeps out. Git
 * itself is asked, and only where there is a repository; where git is not installed, or refuses a repository of another
 * user, nothing is known and nothing is said.
 *
 * @param files some that may not exist yet
 */
export async function exposedToGit(
  files: readonly string[],
  { home }: PosixPlace,
  system: GitRunner,
): Promise<readonly Exposed[]> {
  const workTree = realpathSync.native(home)
  const ofHome = bareRepositories(workTree)
  const found: Exposed[] = []
  const repositories = new Map<string, string | undefined>()
  for (const path of files) {
    const real = followLinks(path)
    const directory = dirname(real)
    const around = repositories.has(directory) ? repositories.get(directory) : findRepository(directory)
    repositories.set(directory, around)
    const own: readonly Repository[] = around === undefined ? [] : [{ path: around, args: ['-C', around] }]
    for (const repository of [...own, ...ofHome]) {
      const how = await howExposed(real, repository, system)
      if (how !== undefined) found.push({ path, repository: repository.path, how })
    }
  }
  return found
}

/** What to say of a file with a secret in it. */
export function exposureText({ path, repository, how }: Exposed, home: string): string {
  const [file, where] = [path, repository].map((each) => printable(shellPath(each, home)))
  return how === 'tracked'
    ? `Git has ${file} in the repository ${where}, and commits the value with it; "git rm --cached" ends that.`
    : `Git would take ${file} into the repository ${where}; a line "*" at the end of the .gitignore beside it keeps it out.`
}

/** The work tree that a directory is in, if it has a `.git`. */
export function findRepository(directory: string): string | undefined {
  if (existsSync(below(directory, '.git'))) return directory
  return dirname(directory) === directory ? undefined : findRepository(dirname(directory))
}

/** Repositories for dotfiles, as `git --git-dir=~/.cfg --work-tree=~`, yadm and vcsh use them. */
function bareRepositories(home: string): readonly Repository[] {
  return ['', ...KEPT_BELOW]
    .flatMap((folder) => directoriesIn(folder === '' ? home : below(home, folder)))
    .filter((path) => ['HEAD', 'objects', 'refs'].every((name) => existsSync(below(path, name))))
    .map((path) => ({ path, args: ['-C', home, `--git-dir=${path}`, `--work-tree=${home}`] }))
}

function directoriesIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== '.git')
      .map(({ name }) => below(path, name))
  } catch {
    return []
  }
}

async function howExposed(
  path: string,
  repository: Repository,
  system: GitRunner,
): Promise<Exposed['how'] | undefined> {
  const tracked = await askGit(['ls-files', '--error-unmatch', '--', path], repository, system)
  if (tracked === 0) return 'tracked'
  if (tracked !== 1) return undefined
  // Git's own answer, with every .gitignore and exclude file: 0 is ignored, 1 is not.
  const ignored = await askGit(['check-ignore', '--quiet', '--', path], repository, system)
  return ignored === 1 ? 'not-ignored' : undefined
}

/** Its exit code; undefined where there is no answer. */
async function askGit(args: readonly string[], repository: Repository, system: GitRunner): Promise<number | undefined> {
  // No program that the repository names is started.
  const options = ['-c', 'core.fsmonitor=false', ...repository.args]
  const result = await system.run('git', [...options, ...args], { env: gitEnvironment(system), timeoutMs: TIMEOUT_MS })
  return result.kind === 'exited' ? result.exitCode : undefined
}
