import { existsSync, lstatSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CliError } from '../../errors.ts'
import type { FileState } from '../../files/read.ts'
import { shellPath } from '../../shells/posix.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { privatePaths } from './find.ts'
import type { PosixPlace } from './place.ts'

/** Refuses to change a store whose files would be the wrong user's, or where links would lead a secret elsewhere. */
export function requireSafePlace(
  { home, directory, userId }: PosixPlace,
  { env }: System,
  change: 'stores' | 'removes',
): void {
  const owner = statSync(home).uid
  if (env.SUDO_UID !== undefined && owner !== userId) {
    throw unsafe('sudo runs this as one user, in the home of another.', 'leave out sudo, or use "sudo -H"')
  }
  for (const path of [directory, ...privatePaths(directory)]) {
    const shown = printable(shellPath(path, home))
    const stats = lstatSync(path, { throwIfNoEntry: false })
    // What is behind a link can still be taken away.
    if (change === 'stores' && stats?.isSymbolicLink()) {
      throw unsafe(
        `${shown} is a symbolic link, and a secret would go where it leads.`,
        'run "acs-env unset", then delete the link',
      )
    }
    // In a container root may have the home of another user, and then with all that is in it.
    if (stats !== undefined && userId !== undefined && ![userId, owner].includes(stats.uid)) {
      throw unsafe(`${shown} belongs to another user.`, 'move it away, or make it yours with chown')
    }
  }
}

/** Refuses a profile, as it was read, that is another user's, or from which git would publish the values. */
export function requireSafeProfile(
  path: string,
  { path: real, stats }: FileState,
  { home, inline, userId }: PosixPlace,
): void {
  const shown = printable(shellPath(path, home))
  const repository = inline ? findRepository(dirname(real)) : undefined
  if (repository !== undefined) {
    throw unsafe(
      `${shown} is in the git repository ${printable(repository)}, where the values may be committed with it.`,
      'leave out --inline, or name another file with --rc-file',
    )
  }
  // It would be replaced, and then be ours; or, for root, hold our values and stay theirs.
  const isOthers = stats !== undefined && userId !== undefined && ![userId, 0, statSync(home).uid].includes(stats.uid)
  if (isOthers) {
    throw unsafe(`${shown} belongs to another user.`, 'name a file of your own with --rc-file')
  }
}

/** A warning for each of these that somebody else could change. */
export function openToOthers(paths: readonly string[], home: string): readonly string[] {
  return [...new Set(paths)].filter(isOpen).map((path) => {
    const shown = printable(shellPath(path, home))
    return `Others can write to ${shown}, and so decide what your shells run; "chmod go-w ${shown}" ends that.`
  })
}

function isOpen(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  // In a directory like /tmp everyone has only what is their own.
  if (stats === undefined || (stats.mode & 0o1000) !== 0) return false
  // A group with the number of its user has nobody else in it.
  return (stats.mode & (stats.gid === stats.uid ? 0o002 : 0o022)) !== 0
}

function findRepository(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory
  return dirname(directory) === directory ? undefined : findRepository(dirname(directory))
}

function unsafe(message: string, hint: string): CliError {
  return new CliError(message, { code: 'unsafe', hint })
}
