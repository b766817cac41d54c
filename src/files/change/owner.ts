import { closeSync, constants, fchownSync, fstatSync, lstatSync, openSync, statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '../../errors.ts'

/** Whom an open file could not be given to. */
export type LostOwner = 'owner' | 'group'

/**
 * Gives an open file to the user and the group of the one before it, as far as the system permits.
 *
 * @returns what could not be kept
 */
export function keepOwner(descriptor: number, { uid, gid }: Pick<Stats, 'uid' | 'gid'>): readonly LostOwner[] {
  if (tryGive(descriptor, uid, gid)) return []
  const own = fstatSync(descriptor)
  // Giving files away is for root alone; a group that this user is in can still be kept.
  if (own.gid !== gid) tryGive(descriptor, own.uid, gid)
  const now = fstatSync(descriptor)
  return [...(now.uid === uid ? [] : (['owner'] as const)), ...(now.gid === gid ? [] : (['group'] as const))]
}

function tryGive(descriptor: number, uid: number, gid: number): boolean {
  try {
    fchownSync(descriptor, uid, gid)
    return true
  } catch (error) {
    // In a container some users have no number (EINVAL), and some file systems have no owners.
    if (['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP'].includes(systemCode(error) ?? '')) return false
    throw error
  }
}

/**
 * Gives what root creates in a home, as in a container, to the owner of the directory around it, who could not even
 * read it otherwise.
 */
export function giveToOwnerAround(descriptor: number, path: string): void {
  const around = statSync(dirname(path))
  if (around.uid !== fstatSync(descriptor).uid) keepOwner(descriptor, around)
}

/** The same for a directory that was made just now. */
export function giveDirectoryToOwnerAround(path: string): void {
  // On Windows, where directories cannot be opened, all have the same number.
  if (statSync(dirname(path)).uid === lstatSync(path).uid) return
  // No link that somebody has put in its place meanwhile is followed.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    giveToOwnerAround(descriptor, path)
  } finally {
    closeSync(descriptor)
  }
}
