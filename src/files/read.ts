import { lstatSync, readFileSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { systemCode } from '../errors.ts'
import { fileError } from './file-error.ts'
import { followLinks } from './links.ts'

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
/** Longer than writing a file in place takes. */
export const IN_PLACE_MS = 2_000

/** Reads a file and what it takes to replace it. No file is a state of its own; anything but a file is an error. */
export function readFileState(path: string): FileState {
  const real = followLinks(path)
  try {
    const stats = statSync(real, { throwIfNoEntry: false })
    if (stats === undefined) return { path: real, givenPath: path, bytes: undefined, mode: undefined, stats }
    if (!stats.isFile())
      throw Object.assign(new Error('not a file'), { code: stats.isDirectory() ? 'EISDIR' : 'ENOTFILE' })
    const mode = HAS_MODES ? stats.mode & 0o7777 : undefined
    return { path: real, givenPath: path, bytes: readWhole(real), mode, stats }
  } catch (error) {
    // Another run has taken it away since it was looked at.
    if (systemCode(error) === 'ENOENT') return readFileState(path)
    throw fileError('read', path, error)
  }
}

/** Beside a file: what it is to become. With the usual ending as long as it is being written in place. */
export function temporaryOf(path: string, ending = '000000000000'): string {
  return join(dirname(path), `.${basename(path)}.acs-env-${ending}`)
}

/** The contents, without what a run that was killed while it wrote in place had not yet cut off. */
export function readWhole(path: string): Buffer {
  const bytes = readFileSync(path)
  const pending = lstatSync(temporaryOf(path), { throwIfNoEntry: false })
  if (pending === undefined || !isOurs(pending, path)) return bytes
  // Written by someone else before or since, it is whole as it is.
  const laterMs = statSync(path).mtimeMs - pending.mtimeMs
  if (laterMs < 0 || laterMs > IN_PLACE_MS) return bytes
  const whole = readFileSync(temporaryOf(path))
  // Every file begins with what is empty; and nothing is to be cut off before something was written.
  return whole.length > 0 && bytes.subarray(0, whole.length).equals(whole) ? whole : bytes
}

/**
 * Whether a temporary file beside another one can be trusted to be acs-env's: in a directory where others may create
 * files they could make one to have the file cut. Whoever owns the file or its directory, and root, can do that anyway.
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
