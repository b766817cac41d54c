import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { below } from '../../files/below.ts'
import { followLinks } from '../../files/read.ts'
import { shellPath } from '../../shells/posix-words.ts'
import { printable } from '../../text/printable.ts'
import type { Exposure, GitRunner, Repository } from './ask-git.ts'
import type { PosixPlace } from './place.ts'

/** Where programs keep a repository whose work tree is the home; others are found by what is in them. */
const KEPT_BELOW = ['.local/share/yadm', '.config/yadm', '.yadm', '.local/share/vcsh/repo.d', '.config/vcsh/repo.d']

/** A file that git has, or would take with the others. */
export interface Exposed {
  readonly path: string
  readonly repository: string
  readonly how: Exposure
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
      const { askExposure } = await import('./ask-git.ts')
      const how = await askExposure(real, repository, system)
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
  return [home, ...KEPT_BELOW.map((folder) => below(home, folder))]
    .flatMap(directoriesIn)
    .filter((path) => ['HEAD', 'objects', 'refs'].every((name) => existsSync(below(path, name))))
    .map((path) => ({ path, args: ['-C', home, `--git-dir=${path}`, `--work-tree=${home}`] }))
}

function directoriesIn(path: string): readonly string[] {
  // An error is slow to make, and hardly any of these is there.
  if (!existsSync(path)) return []
  try {
    // Links are left alone: one may lead to a machine that does not answer.
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== '.git')
      .map(({ name }) => below(path, name))
  } catch {
    return []
  }
}
