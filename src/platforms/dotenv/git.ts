import { basename, dirname } from 'node:path'
import type { RunResult, System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { gitEnvironment } from '../posix/git-environment.ts'
import { exposedToGit, findRepository } from '../posix/git.ts'
import { findPlace } from '../posix/place.ts'

/** It only reads what it has about one file. */
const TIMEOUT_MS = 5_000
/** It has looked in every directory above; without the bracket it is one repository that is away, or damaged. */
const NO_REPOSITORY = /not a git repository \(or any/

/** What git would do with a file. */
export type GitAnswer =
  | { readonly kind: 'ignored' | 'outside' }
  | { readonly kind: 'exposed'; readonly how: 'tracked' | 'not-ignored' }
  | { readonly kind: 'unknown'; readonly reason: string }

type Runner = Pick<System, 'run' | 'env' | 'platform'> & System

/**
 * Asks git whether it would commit a file, which need not exist yet. "Git cannot tell" is an answer of its own:
 * somebody may still commit from a damaged repository, or from one of another user.
 *
 * @param real with every link followed: that is where the values are
 */
export async function askGitAbout(real: string, system: Runner): Promise<GitAnswer> {
  const directory = dirname(real)
  const inside = await git(directory, ['rev-parse', '--is-inside-work-tree'], system)
  if (inside.kind === 'not-started') {
    return findRepository(directory) === undefined
      ? { kind: 'outside' }
      : { kind: 'unknown', reason: 'git is not installed, and there is a repository' }
  }
  if (inside.kind !== 'exited') return { kind: 'unknown', reason: 'git does not answer' }
  // Within `.git`, or in a bare repository, nothing is committed; but the whole home may be a work tree.
  const isOutside = inside.exitCode === 0 ? inside.stdout.trim() === 'false' : NO_REPOSITORY.test(inside.stderr)
  if (isOutside) return isKeptWithDotfiles(real, system)
  if (inside.exitCode !== 0) return { kind: 'unknown', reason: sentenceOf(inside.stderr) }
  const name = basename(real)
  // 0 is ignored; 1 is not, or tracked although a pattern matches: both would be committed.
  const ignored = await git(directory, ['check-ignore', '--quiet', '--', name], system)
  if (ignored.kind !== 'exited') return { kind: 'unknown', reason: 'git does not answer' }
  if (ignored.exitCode === 0) return isKeptWithDotfiles(real, system, 'ignored')
  if (ignored.exitCode !== 1) return { kind: 'unknown', reason: sentenceOf(ignored.stderr) }
  const tracked = await git(directory, ['ls-files', '--error-unmatch', '--', name], system)
  const isTracked = tracked.kind === 'exited' && tracked.exitCode === 0
  return { kind: 'exposed', how: isTracked ? 'tracked' : 'not-ignored' }
}

/** Dotfiles in a bare repository, which has the home for its work tree and no `.git` in it. */
async function isKeptWithDotfiles(
  real: string,
  system: Runner,
  otherwise: 'ignored' | 'outside' = 'outside',
): Promise<GitAnswer> {
  if (system.platform === 'win32') return { kind: otherwise }
  const exposed = await exposedToGit([real], findPlace(system), system)
  return exposed.some(({ how }) => how === 'tracked') ? { kind: 'exposed', how: 'tracked' } : { kind: otherwise }
}

function git(directory: string, args: readonly string[], system: Runner): Promise<RunResult> {
  // No program that a repository names is started.
  const safe = ['-c', 'core.fsmonitor=false', '-C', directory, ...args]
  // Its messages are read here, so they have to be in English.
  return system.run('git', safe, { env: { ...gitEnvironment(system), LC_ALL: 'C' }, timeoutMs: TIMEOUT_MS })
}

function sentenceOf(stderr: string): string {
  const [first = ''] = stderr.split('\n')
  return `git says "${printable(first.replace(/^fatal: /, ''))}"`
}
