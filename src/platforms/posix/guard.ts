import { lstatSync, realpathSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError } from '../../errors.ts'
import { followLinks, type FileState } from '../../files/read.ts'
import { shellPath } from '../../shells/posix-words.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { privatePaths } from './find.ts'
import { findRepository } from './git.ts'
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
        'delete the link, which leaves alone what it leads to, and run this again',
      )
    }
    if (stats !== undefined && userId !== undefined && ![userId, owner].includes(stats.uid)) {
      throw unsafe(`${shown} belongs to another user.`, 'move it away, or make it yours with chown')
    }
    if (stats === undefined) continue
    const obstacle = ownersObstacle(followLinks(path), shown, { home, userId }, [owner, userId])
    if (obstacle !== undefined) throw obstacle
  }
}

/**
 * In a container root may have the home of another user, who decides what is in it: a link there must not lead root to a
 * file that this user could not change, nor may a path in a record.
 */
function ownersObstacle(
  real: string,
  shown: string,
  { home, userId }: Pick<PosixPlace, 'home' | 'userId'>,
  owners: readonly (number | undefined)[],
): CliError | undefined {
  const owner = statSync(home).uid
  if (userId === undefined || userId === owner) return undefined
  if (!`${real}/`.startsWith(`${realpathSync(home)}/`)) {
    return unsafe(
      `${shown} is not inside this home, which belongs to another user.`,
      'run this as that user, or with a home of your own',
    )
  }
  // A file that is still to be made will be whose the directory around it is.
  const stats = lstatSync(real, { throwIfNoEntry: false }) ?? statSync(dirname(real), { throwIfNoEntry: false })
  if (stats !== undefined && !owners.includes(stats.uid)) {
    return unsafe(`${shown} does not belong to the user whose home this is.`, 'run this as the user that it belongs to')
  }
  return undefined
}

/** Refuses a profile, as it was read, that is another user's, or from which git would publish the values. */
export function requireSafeProfile(path: string, file: FileState, place: PosixPlace, isInline: boolean): void {
  const obstacle = profileObstacle(path, file, place, isInline)
  if (obstacle !== undefined) throw obstacle
}

/** Why a profile must not be written; undefined where nothing is against it. */
export function profileObstacle(
  path: string,
  { path: real, stats }: FileState,
  { home, userId }: PosixPlace,
  isInline: boolean,
): CliError | undefined {
  const shown = printable(shellPath(path, home))
  const repository = isInline ? findRepository(dirname(real)) : undefined
  if (repository !== undefined) {
    return inRepository(shown, repository)
  }
  // It would be replaced, and then be ours; or, for root, hold our values and stay theirs.
  const isOthers = stats !== undefined && userId !== undefined && ![userId, 0, statSync(home).uid].includes(stats.uid)
  if (isOthers) {
    return unsafe(`${shown} belongs to another user.`, 'name a file of your own with --rc-file')
  }
  return ownersObstacle(real, shown, { home, userId }, [statSync(home).uid])
}

/** The permission bits to give back to a file: those of a record that another user may have written let nobody in. */
export function trustedMode(mode: number | undefined, { home, userId }: PosixPlace): number | undefined {
  if (mode === undefined) return undefined
  return userId === undefined || userId === statSync(home).uid ? mode : mode & 0o755
}

/** A warning for each of these that somebody else could change. */
export function openToOthers(paths: readonly string[], home: string): readonly string[] {
  return [...new Set(paths)].filter(isOpen).map((path) => {
    const shown = printable(shellPath(path, home))
    return `Others can write to ${shown}, and so decide what your shells run; "chmod go-w ${shown}" ends that.`
  })
}

/** Whether somebody else may write to it; false where there is nothing. */
export function isOpen(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false })
  // In a directory like /tmp everyone has only what is their own.
  if (stats === undefined || (stats.mode & 0o1000) !== 0) return false
  // A group with the number of its user has nobody else in it.
  return (stats.mode & (stats.gid === stats.uid ? 0o002 : 0o022)) !== 0
}

/** The error for a profile that would hold the values, and that git may publish. */
export function inRepository(shown: string, repository: string): CliError {
  return unsafe(
    `${shown} is in the git repository ${printable(repository)}, where the values may be committed with it.`,
    'leave out --inline, or name another file with --rc-file',
  )
}

function unsafe(message: string, hint: string): CliError {
  return new CliError(message, { code: 'unsafe', hint })
}
