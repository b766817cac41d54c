import {
  chmodSync,
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  readFileSync,
  statSync,
  truncateSync,
  writeSync,
  type Stats,
} from 'node:fs'
import { IN_PLACE_MS, readWhole, type FileState } from '../read.ts'
import { openForWriting } from './write-error.ts'

/**
 * Writes into the file that is there: its owner, group, access list, attributes and other names stay what they are.
 * Until it is done the caller keeps the new contents beside it, so that a run after one that was killed can complete it.
 */
export function writeInPlace(state: FileState, bytes: Buffer, mode: number | undefined): void {
  const { path, bytes: old = Buffer.alloc(0), mode: oldMode } = state
  const descriptor = openForWriting(path)
  const write = (contents: Buffer): void => {
    // The longer part first: a full disk shows before anything old is gone.
    writeAll(descriptor, contents)
    ftruncateSync(descriptor, contents.length)
  }
  const permit = (bits: number | undefined): void => {
    if (bits !== undefined && bits !== oldMode) fchmodSync(descriptor, bits)
  }
  try {
    requireSame(state, fstatSync(descriptor))
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
    }
  } finally {
    closeSync(descriptor)
  }
}

/** Finishes an interrupted write: cuts off what is left of the old contents, and sets the wanted mode. */
export function completeInPlace(path: string, pending: string): void {
  const now = statSync(path)
  const whole = readWhole(path)
  if (whole.length < now.size) truncateSync(path, whole.length)
  if (!whole.equals(readFileSync(pending))) return
  const { mode, ctimeMs } = now
  const wanted = statSync(pending)
  // It was narrowed before anything was written, so all that can be missing are permissions to add. Those
  // that were changed later are the user's own choice.
  const wider = mode | wanted.mode
  if (wider !== mode && ctimeMs - wanted.mtimeMs <= IN_PLACE_MS) chmodSync(path, wider & 0o7777)
}

/** Writes all of it, from the beginning of the file. */
export function writeAll(descriptor: number, bytes: Buffer): void {
  // A write may be short, at the end of the disk for one.
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, written)
  }
}

/** Throws if the file is another one than was read, or has changed since. */
export function requireSame({ stats }: FileState, now: Stats | undefined): void {
  const same =
    now === undefined || stats === undefined
      ? now === stats
      : now.ino === stats.ino && now.mtimeMs === stats.mtimeMs && now.size === stats.size
  if (!same) throw Object.assign(new Error('changed'), { code: 'ECHANGED' })
}
