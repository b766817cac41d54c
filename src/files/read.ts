import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, sep } from 'node:path'
import { systemCode, type CliError } from '../errors.ts'
import { below } from './below.ts'
import { fileError, isLasting } from './file-error.ts'
import { resolveLinks } from './links.ts'

export { distinctFiles, followLinks, identityOf } from './links.ts'

/** A file as it was when it was read. */
export interface FileState {
  /** Where it really is: symbolic links followed, even to a file that does not exist yet. */
  readonly path: string
  /** The path as the user knows it, for messages. */
  readonly givenPath: string
  /** Undefined where there is none. */
  readonly bytes: Buffer | undefined
  /** Permission bits; undefined where there is no file, and on Windows. */
  readonly mode: number | undefined
  readonly stats: Stats | undefined
}

/** Windows has access lists, and what it reports as permission bits says nothing. */
const HAS_MODES = sep === '/'
/** Larger than anything that acs-env reads; a sparse file costs its owner nothing, and us all the memory there is. */
const MOST_BYTES = 64 * 1024 * 1024
/** Longer than writing a file in place takes. */
export const IN_PLACE_MS = 2_000

/** Reads a file and what it takes to replace it. No file is a state of its own; anything but a file is an error. */
export function readFileState(path: string): FileState {
  const state = tryReadFileState(path)
  if ('problem' in state) throw state.problem
  return state
}

/** A file that cannot be read, or something else that stands in its place: a pipe, a directory, links in a circle. */
export interface UnreadableFile {
  readonly problem: CliError
  /**
   * Something else than a file is there, so nothing can ever have been written into it; or the file cannot be read as
   * it is; or reading it failed, and may work the next time: nobody knows what it holds.
   */
  readonly why: 'no-file' | 'refused' | 'failed'
}

/** The codes of what is no file: these are ours for a directory, and for a pipe, a socket or a device. */
const NO_FILE: readonly (string | undefined)[] = ['EISDIR', 'ENOTFILE', 'ELOOP']

/** The same for a file that can be left out: why it cannot be read is a part of the answer. */
export function tryReadFileState(path: string): FileState | UnreadableFile {
  try {
    const real = resolveLinks(path)
    const stats = statSync(real, { throwIfNoEntry: false })
    if (stats === undefined) return { path: real, givenPath: path, bytes: undefined, mode: undefined, stats }
    requireOrdinary(stats)
    const mode = HAS_MODES ? stats.mode & 0o7777 : undefined
    return { path: real, givenPath: path, bytes: readWhole(real), mode, stats }
  } catch (error) {
    const code = systemCode(error)
    // Another run has taken it away since it was looked at.
    if (code === 'ENOENT') return tryReadFileState(path)
    return { problem: fileError('read', path, error), why: whyUnreadable(code) }
  }
}

function whyUnreadable(code: string | undefined): UnreadableFile['why'] {
  if (NO_FILE.includes(code)) return 'no-file'
  return isLasting(code) ? 'refused' : 'failed'
}

/** A way to read that reads each file once, for judgements that all have to be about the same bytes. */
export function readingOnce(): typeof tryReadFileState {
  const found = new Map<string, FileState | UnreadableFile>()
  return (path) => {
    const file = found.get(path) ?? tryReadFileState(path)
    found.set(path, file)
    return file
  }
}

/**
 * Whether there is an ordinary file that can be read, or nothing at all, at this path.
 *
 * @throws CliError where reading failed and may work the next time: to take that for a no would be to forget the file
 */
export function isReadable(path: string): boolean {
  return !('problem' in certain(tryReadFileState(path)))
}

/**
 * What was found out about a file.
 *
 * @throws CliError where reading it failed and may work the next time
 */
export function certain<File extends FileState | UnreadableFile>(file: File): File {
  if ('problem' in file && file.why === 'failed') throw file.problem
  return file
}

/**
 * The contents of a file that is not ours. Throws a system error for anything but a file: reading a pipe would wait for
 * somebody to write to it, and a device has no end.
 */
export function readOrdinaryFile(path: string): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    requireOrdinary(fstatSync(descriptor))
    return readFileSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function requireOrdinary(stats: Stats): void {
  if (!stats.isFile()) {
    throw Object.assign(new Error('not a file'), { code: stats.isDirectory() ? 'EISDIR' : 'ENOTFILE' })
  }
  if (stats.size > MOST_BYTES) throw Object.assign(new Error('too large'), { code: 'EFBIG' })
}

/** The temporary file beside a file, with its new contents; without an ending, the one for writing in place. */
export function temporaryOf(path: string, ending = '000000000000'): string {
  return below(dirname(path), `.${basename(path)}.acs-env-${ending}`)
}

/** The contents. Where a run was killed while it wrote in place, without the old rest that it had not cut off. */
export function readWhole(path: string): Buffer {
  const bytes = readFileSync(path)
  const pending = lstatSync(temporaryOf(path), { throwIfNoEntry: false })
  if (pending === undefined || !isOurs(pending, path)) return bytes
  // Written by someone else before or since, it is whole as it is.
  const laterMs = statSync(path).mtimeMs - pending.mtimeMs
  if (laterMs < 0 || laterMs > IN_PLACE_MS) return bytes
  const whole = readFileSync(temporaryOf(path))
  // Every file begins with an empty one; and before anything was written there is nothing to cut off.
  return whole.length > 0 && bytes.subarray(0, whole.length).equals(whole) ? whole : bytes
}

/**
 * Whether a temporary file beside another one can be trusted to be acs-env's: in a directory where others may create
 * files they could make one to have the file cut. The owner of the file or its directory, and root, can do that anyway.
 */
export function isOurs(temporary: Stats, path: string): boolean {
  if (!temporary.isFile()) return false
  const owners = [path, dirname(path)].map((other) => statSync(other, { throwIfNoEntry: false })?.uid)
  return [0, ...owners].includes(temporary.uid)
}

/** The same place, once the file there has been removed. */
export function withoutFile({ path, givenPath }: FileState): FileState {
  return { path, givenPath, bytes: undefined, mode: undefined, stats: undefined }
}
