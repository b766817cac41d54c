import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  type Stats,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { systemCode } from '../../errors.ts'
import { below } from '../below.ts'
import { isOurs, temporaryOf, type FileState } from '../read.ts'
import { completeInPlace, requireSame, writeAll, writeInPlace } from './in-place.ts'
import { giveToOwnerAround, keepOwner, type LostOwner } from './owner.ts'
import { openForWriting, writeError } from './write-error.ts'

/** Of a file of the user's that does not exist yet; the umask may take away more. */
const NEW_FILE = 0o644
const PRIVATE = 0o600

/**
 * `in-place` for a file with an access list or attributes that a new file in its place would not have, as
 * `filesToWriteInPlace` finds out.
 */
export type Rewrite = 'rename' | 'in-place'

/** What the file had before and has lost. */
export type Loss = LostOwner | 'other names' | 'access list or attributes'

/**
 * Replaces a file in one step: temporary file beside it, contents forced to disk, rename. Mode, owner and group of the
 * old file are kept; `mode` overrides. Where a rename would lose something (owner or group that cannot be given away,
 * other names of the file, what `rewrite` says) or is impossible (a bind-mounted file gives EBUSY) the file is written
 * in place, in a way that a run after one that was killed can complete. Throws if the file has changed since it was read.
 *
 * @returns what was lost nevertheless, in a file that may be replaced and not written to; in return nobody has rights to
 *   the new file who might not have had them to the old one: its mode is narrower than asked for
 */
export function replaceFile(
  state: FileState,
  bytes: Buffer,
  mode?: number,
  rewrite: Rewrite = 'rename',
): readonly Loss[] {
  const { path } = state
  const temporary = temporaryOf(path, randomBytes(6).toString('hex'))
  try {
    const losses = moveIntoPlace(temporary, state, bytes, mode, rewrite)
    syncDirectory(dirname(path))
    return losses
  } catch (error) {
    tryUnlink(temporary)
    throw writeError('written', state, error)
  }
}

function moveIntoPlace(
  temporary: string,
  state: FileState,
  bytes: Buffer,
  mode: number | undefined,
  rewrite: Rewrite,
): readonly Loss[] {
  const { losses, route } = writeTemporary(temporary, bytes, state, mode, rewrite)
  if (route === 'rename') {
    requireSame(state, statSync(state.path, { throwIfNoEntry: false }))
    try {
      renameSync(temporary, state.path)
      return losses
    } catch (error) {
      if (systemCode(error) !== 'EBUSY') throw error
    }
  }
  renameSync(temporary, temporaryOf(state.path))
  try {
    writeInPlace(state, bytes, mode)
    return []
  } finally {
    tryUnlink(temporaryOf(state.path))
  }
}

/** Removes a temporary file after a failure. Should this fail too, the first failure is the one to report. */
function tryUnlink(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It was never made, or the next run sweeps it.
  }
}

/**
 * Removes temporary files that runs which were killed have left beside these files, with values in them, and completes
 * what was written in place. After our own changes, which know the files as they were; and only for who holds the lock:
 * another run's would be among them.
 */
export function sweepTemporaries(paths: readonly string[]): void {
  const entries = new Map([...new Set(paths.map(dirname))].map((directory) => [directory, readDirectory(directory)]))
  for (const path of paths) {
    const start = basename(temporaryOf(path, ''))
    for (const entry of entries.get(dirname(path)) ?? []) {
      if (!entry.startsWith(start) || !/^[\da-f]{12}$/.test(entry.slice(start.length))) continue
      const leftover = below(dirname(path), entry)
      const stats = lstatSync(leftover, { throwIfNoEntry: false })
      if (stats === undefined || !isOurs(stats, path)) continue
      if (leftover === temporaryOf(path) && existsSync(path)) completeInPlace(path, leftover)
      removeFile(leftover)
    }
  }
}

function readDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/**
 * Removes a file. None there is fine.
 *
 * @param givenPath the path as the user knows it
 */
export function removeFile(path: string, givenPath = path): void {
  try {
    unlinkSync(path)
    syncDirectory(dirname(path))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw writeError('removed', { path, givenPath, bytes: undefined, mode: undefined, stats: tryLook(path) }, error)
  }
}

function tryLook(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** Forces a directory's entries to disk, so that a rename survives a power failure. */
function syncDirectory(path: string): void {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY)
  } catch {
    // Windows opens no directories, and one that is not readable can still be written to.
    return
  }
  try {
    fsyncSync(descriptor)
  } catch (error) {
    // Some network file systems refuse it for directories.
    if (!['EINVAL', 'EPERM', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error
  } finally {
    closeSync(descriptor)
  }
}

/** Writes the new contents beside the file, and finds out in which way they can replace it. */
function writeTemporary(
  temporary: string,
  bytes: Buffer,
  state: FileState,
  mode: number | undefined,
  rewrite: Rewrite,
): { readonly losses: readonly Loss[]; readonly route: Rewrite } {
  const { path, mode: oldMode, stats } = state
  // Private until it is known whose it is.
  const descriptor = openSync(temporary, 'wx', stats === undefined ? (mode ?? NEW_FILE) : PRIVATE)
  try {
    const losses: Loss[] = []
    if (stats === undefined) giveToOwnerAround(descriptor, path)
    else {
      losses.push(...keepOwner(descriptor, stats))
      if (stats.nlink > 1) losses.push('other names')
      if (rewrite === 'in-place') losses.push('access list or attributes')
    }
    const finalMode = mode ?? oldMode
    if (finalMode !== undefined) fchmodSync(descriptor, withoutMore(finalMode, losses))
    writeAll(descriptor, bytes)
    fsyncSync(descriptor)
    return { losses, route: losses.length > 0 && canWriteInPlace(state) ? 'in-place' : 'rename' }
  } finally {
    closeSync(descriptor)
  }
}

/** Of these permissions those that give nobody more than before. */
function withoutMore(mode: number, losses: readonly Loss[]): number {
  if (losses.length === 0) return mode
  // A list may have closed the file to somebody who may read it otherwise.
  if (losses.includes('access list or attributes')) return mode & 0o700
  if (!losses.includes('group')) return mode & 0o777
  // The group of before are others now, and some of the others are the group.
  const both = (mode >> 3) & mode & 0o007
  return (mode & 0o700) | (both << 3) | both
}

/**
 * False where it is not permitted; and for a file with other names that is another user's than its directory: they may
 * have made a name for a file of root's, to have root write to it.
 */
function canWriteInPlace({ path, stats }: FileState): boolean {
  if (stats !== undefined && stats.nlink > 1 && statSync(dirname(path)).uid !== stats.uid) return false
  try {
    closeSync(openForWriting(path))
    return true
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS', 'ETXTBSY'].includes(systemCode(error) ?? '')) return false
    throw error
  }
}
