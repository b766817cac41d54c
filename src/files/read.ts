import { existsSync, lstatSync, readFileSync, readlinkSync, realpathSync, statSync, type Stats } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import { systemCode } from '../errors.ts'
import { fileError } from './file-error.ts'

/** A file as it was when it was read. */
export interface FileState {
  /** Where it really is: symbolic links followed, even to a file that does not exist yet. */
  readonly path: string
  /** Undefined where there is none. */
  readonly bytes: Buffer | undefined
  /** Permission bits; undefined where there is no file, and on Windows. */
  readonly mode: number | undefined
  readonly stats: Stats | undefined
}

/** Windows has access lists, and what it reports as permission bits says nothing. */
const HAS_MODES = sep === '/'
/** One call to the system; on Windows it fails for some virtual drives. */
const realPath = HAS_MODES ? realpathSync.native : realpathSync
/** Longer than writing a file in place takes. */
const IN_PLACE_MS = 2_000
/** More links in a row than this are a circle, as in the kernel. */
const MAX_LINKS = 40

/** Reads a file and what it takes to replace it. No file is a state of its own; anything but a file is an error. */
export function readFileState(path: string): FileState {
  const real = followLinks(path)
  try {
    const stats = statSync(real, { throwIfNoEntry: false })
    if (stats === undefined) return { path: real, bytes: undefined, mode: undefined, stats }
    if (!stats.isFile())
      throw Object.assign(new Error('not a file'), { code: stats.isDirectory() ? 'EISDIR' : 'ENOTFILE' })
    return { path: real, bytes: readWhole(real), mode: HAS_MODES ? stats.mode & 0o7777 : undefined, stats }
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
  const pending = temporaryOf(path)
  if (!existsSync(pending)) return bytes
  // Written by someone else before or since, it is whole as it is.
  const laterMs = statSync(path).mtimeMs - statSync(pending).mtimeMs
  if (laterMs < 0 || laterMs > IN_PLACE_MS) return bytes
  const whole = readFileSync(pending)
  return bytes.subarray(0, whole.length).equals(whole) ? whole : bytes
}

/** Of paths that lead to one file the first, symbolic links followed. */
export function distinctFiles(paths: readonly string[]): readonly string[] {
  const files = paths.map(followLinks)
  return paths.filter((_, index) => files.indexOf(files[index] ?? '') === index)
}

/** The same place, once the file there has been removed. */
export function withoutFile({ path }: FileState): FileState {
  return { path, bytes: undefined, mode: undefined, stats: undefined }
}

/** Where a file really is: symbolic links followed, even to a file that does not exist yet. */
export function followLinks(path: string): string {
  try {
    // Asked first, since an error is slow to make and a file that is not there is nothing unusual.
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return path
    return realPath(path)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw fileError('read', path, error)
  }
  // Nothing at the end of the way yet: follow it link by link, so that a dangling dotfile is filled, not replaced.
  let current = path
  for (let links = 0; links < MAX_LINKS; links += 1) {
    const stats = lstatSync(current, { throwIfNoEntry: false })
    if (!stats?.isSymbolicLink()) return current
    current = resolve(dirname(current), readlinkSync(current))
  }
  throw fileError('read', path, { code: 'ELOOP' })
}
