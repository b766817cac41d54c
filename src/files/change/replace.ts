import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { systemCode } from '../../errors.ts'
import { fileError } from '../file-error.ts'
import { readWhole, temporaryOf, type FileState } from '../read.ts'
import { giveToOwnerAround, keepOwner } from './owner.ts'

/**
 * Replaces a file in one step: temporary file beside it, contents forced to disk, rename. Mode and owner of the old
 * file are kept; `mode` overrides. Where a rename is impossible (a bind-mounted file gives EBUSY) it is written in
 * place, in a way that a run after one that was killed can complete. Throws if the file has changed since it was read.
 */
export function replaceFile(state: FileState, bytes: Buffer, mode?: number): void {
  const { path } = state
  const temporary = temporaryOf(path, randomBytes(6).toString('hex'))
  try {
    try {
      writeTemporary(temporary, bytes, state, mode)
      requireUnchanged(state)
      renameSync(temporary, path)
    } catch (error) {
      try {
        if (systemCode(error) !== 'EBUSY') throw error
        renameSync(temporary, temporaryOf(path))
        try {
          writeInPlace(state, bytes, mode)
        } finally {
          tryUnlink(temporaryOf(path))
        }
      } finally {
        tryUnlink(temporary)
      }
    }
    syncDirectory(dirname(path))
  } catch (error) {
    throw fileError('written', path, error)
  }
}

/** For a temporary file that is of no more use; where even that fails, what failed before is to be told. */
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
    const start = temporaryOf(path, '')
    for (const entry of entries.get(dirname(path)) ?? []) {
      const leftover = join(dirname(path), entry)
      if (!leftover.startsWith(start) || !/^[\da-f]{12}$/.test(leftover.slice(start.length))) continue
      if (leftover === temporaryOf(path) && existsSync(path)) completeInPlace(path, leftover)
      removeFile(leftover)
    }
  }
}

/** Does what was left to do behind the last byte: cuts off the rest, and permits what is to be. */
function completeInPlace(path: string, pending: string): void {
  const whole = readWhole(path)
  truncateSync(path, whole.length)
  if (whole.equals(readFileSync(pending))) chmodSync(path, statSync(pending).mode & 0o7777)
}

function readDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Removes a file. None there is fine. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
    syncDirectory(dirname(path))
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileError('removed', path, error)
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

function writeTemporary(
  temporary: string,
  bytes: Buffer,
  { path, mode: oldMode, stats }: FileState,
  mode?: number,
): void {
  // Never wider than the file will be, from its first moment; 0666 leaves a new profile to the umask.
  const finalMode = mode ?? oldMode
  const descriptor = openSync(temporary, 'wx', finalMode ?? 0o666)
  try {
    writeAll(descriptor, bytes)
    if (stats === undefined) giveToOwnerAround(descriptor, path)
    else keepOwner(descriptor, stats)
    if (finalMode !== undefined) fchmodSync(descriptor, finalMode)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function writeInPlace(state: FileState, bytes: Buffer, mode: number | undefined): void {
  const { path, bytes: old = Buffer.alloc(0), mode: oldMode } = state
  const descriptor = openSync(path, 'r+')
  const write = (contents: Buffer): void => {
    // The longer part first: a full disk shows before anything old is gone.
    writeAll(descriptor, contents)
    ftruncateSync(descriptor, contents.length)
  }
  const permit = (bits: number | undefined): void => {
    if (bits !== undefined && bits !== oldMode) fchmodSync(descriptor, bits)
  }
  try {
    // While it is being written it is never readable by more people than before or afterwards.
    permit(mode === undefined || oldMode === undefined ? mode : mode & oldMode)
    write(bytes)
    permit(mode)
    fsyncSync(descriptor)
  } catch (error) {
    write(old)
    if (mode !== undefined && oldMode !== undefined) fchmodSync(descriptor, oldMode)
    throw error
  } finally {
    closeSync(descriptor)
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  // A write may be short, at the end of the disk for one.
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, written)
  }
}

function requireUnchanged({ path, stats }: FileState): void {
  const now = statSync(path, { throwIfNoEntry: false })
  const same =
    now === undefined || stats === undefined
      ? now === stats
      : now.ino === stats.ino && now.mtimeMs === stats.mtimeMs && now.size === stats.size
  if (!same) throw Object.assign(new Error('changed'), { code: 'ECHANGED' })
}
