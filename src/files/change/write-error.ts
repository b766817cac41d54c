import { accessSync, closeSync, constants, lstatSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { CliError, systemCode } from '../../errors.ts'
import { printable } from '../../text/printable.ts'
import { fileError, isLasting } from '../file-error.ts'
import type { FileState } from '../read.ts'

const ANOTHER_FILE = 'name another file with --rc-file'

/**
 * Why a file could not be changed, as an error to throw or to turn into a warning; undefined where nothing is against
 * it. Changes nothing, so that it can be asked before anything else is done. A file that is read-only counts, although
 * a rename would get around that and root may write to it: it was made so on purpose. A directory that does not exist
 * does not: the caller knows which ones it makes.
 *
 * @throws CliError where that could not be found out, and may be the next time
 */
export function whyNotWritable(state: FileState): CliError | undefined {
  try {
    if (isReadOnly(state)) throw Object.assign(new Error('read-only'), { code: 'EACCES' })
    if (state.stats !== undefined) closeSync(openForWriting(state.path))
    requireOpenDirectory(dirname(state.path))
    return undefined
  } catch (error) {
    const code = systemCode(error)
    return code === 'ENOENT' ? undefined : lastingProblem(code, writeError('written', state, error))
  }
}

/** A problem that can be gone around, since it stays as it is; thrown where it may be gone the next time. */
export function lastingProblem(code: string | undefined, problem: CliError): CliError {
  if (!isLasting(code)) throw problem
  return problem
}

/**
 * Why a file could not be taken away, or another one put in its place, although its directory permits that: somebody has
 * made it immutable or append-only. Changes nothing.
 */
export function whyFixed(action: 'written' | 'removed', state: FileState): CliError | undefined {
  // Windows says the same of a read-only file, which can be removed.
  if (state.mode === undefined || !hasAttribute(state)) return undefined
  return writeError(action, state, Object.assign(new Error('immutable'), { code: 'EPERM' }))
}

/** A descriptor of the file itself: no link that was put there meanwhile is followed, and no pipe waited for. */
export function openForWriting(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK)
}

/** A failed change of a file as a sentence; it names the path as the user knows it, and a link that led elsewhere. */
export function writeError(action: 'written' | 'removed', state: FileState, error: unknown): CliError {
  const { givenPath, path } = state
  const code = systemCode(error) ?? ''
  const real = printable(path)
  const because = (reason: string, hint: string): CliError =>
    new CliError(`${printable(givenPath)} could not be ${action}: ${reason}.`, { code: 'file', hint })
  if (code === 'EPERM' && hasAttribute(state)) {
    const cure = 'take that attribute away ("chattr -i -a", on macOS "chflags nouchg,nouappnd")'
    const what = isLink(givenPath) ? `it is a link to ${real}, which is` : 'it is'
    return because(`${what} immutable or append-only`, `${cure}, or ${ANOTHER_FILE}`)
  }
  if (['EACCES', 'EPERM', 'EROFS'].includes(code) && isLink(givenPath)) {
    const isClosed = isReadOnly(state) || code === 'EROFS' || !isOpenDirectory(dirname(path))
    return because(
      `it is a link to ${real}, ${isClosed ? 'which is read-only' : 'where permission is denied'}`,
      'name another file with "--rc-file FILE", and load that one from your configuration',
    )
  }
  if (code === 'EACCES' && isReadOnly(state) && isOpenDirectory(dirname(path))) {
    return because('it is read-only', `make it writable with "chmod u+w", or ${ANOTHER_FILE}`)
  }
  return fileError(action, givenPath, error)
}

function requireOpenDirectory(path: string): void {
  accessSync(path, constants.W_OK | constants.X_OK)
}

function isOpenDirectory(path: string): boolean {
  try {
    requireOpenDirectory(path)
    return true
  } catch {
    return false
  }
}

function isReadOnly({ mode }: FileState): boolean {
  return mode !== undefined && (mode & 0o222) === 0
}

/** Permissions that are missing give EACCES; only an attribute such as immutable gives EPERM, to root too. */
function hasAttribute({ path, stats }: FileState): boolean {
  if (stats === undefined) return false
  try {
    closeSync(openForWriting(path))
    return false
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
  } catch {
    return false
  }
}
