import { closeSync, constants, fchownSync, fstatSync, lstatSync, openSync, statSync, type Stats } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '../../errors.ts'

/** Gives an open file to whom the one before it belonged, as far as the system lets us. */
export function keepOwner(descriptor: number, { uid, gid }: Pick<Stats, 'uid' | 'gid'>): void {
  try {
    fchownSync(descriptor, uid, gid)
  } catch (error) {
    // Only root gives files away; for everyone else the file is their own already, or its group stays theirs. In a
    // container some users have no number (EINVAL), and some file systems have no owners.
    if (!['EPERM', 'EINVAL', 'ENOSYS', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error
  }
}

/**
 * What root makes in a home, as containers do, is to be whose the directory around it is: otherwise its user could not
 * even read it.
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
