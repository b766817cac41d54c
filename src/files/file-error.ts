import { CliError, systemCode } from '../errors.ts'
import { printable } from '../text/printable.ts'

const ANOTHER_FILE = 'move it away; for a start-up file of a shell, name another one with --rc-file'

const REASONS: ReadonlyMap<string, readonly [reason: string, hint: string | undefined]> = new Map([
  ['EACCES', ['permission denied', 'check who owns it and its permissions']],
  ['EPERM', ['the system does not permit it', 'check who owns it and its permissions']],
  ['EROFS', ['the file system is read-only', 'mount it writable']],
  ['ENOSPC', ['the disk is full', 'free some space and run this again']],
  ['EDQUOT', ['your disk quota is used up', 'free some space and run this again']],
  ['EISDIR', ['it is a directory', ANOTHER_FILE]],
  ['ENOENT', ['there is no such file', 'check its path']],
  ['ENOTFILE', ['it is not a regular file', ANOTHER_FILE]],
  ['ECHANGED', ['another program has changed it', 'run this again']],
  ['ENOTDIR', ['a part of its path is no directory', undefined]],
  ['ELOOP', ['its symbolic links go round in a circle', ANOTHER_FILE]],
  ['ENAMETOOLONG', ['its path is too long', undefined]],
  ['EFBIG', ['it is too large', ANOTHER_FILE]],
  ['EMFILE', ['too many files are open', 'run this again']],
  ['ENFILE', ['too many files are open', 'run this again']],
  ['EIO', ['the disk reported an error', 'check the disk']],
  ['UNKNOWN', ['Windows gave no reason', 'is its drive or network share there?']],
  ['EINTR', ['it was interrupted', 'run this again']],
])

/** What a file is, or who may do what with it: the system says the same the next time. Anything else may be gone by then. */
const LASTING = ['EACCES', 'EPERM', 'EROFS', 'EISDIR', 'ENOTFILE', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EFBIG']

/** Whether a file operation that failed with this code fails as long as nobody changes the file. */
export function isLasting(code: string | undefined): boolean {
  return code !== undefined && LASTING.includes(code)
}

/** A failed file operation as a sentence: what could not be done to which path, and why. */
export function fileError(action: string, path: string, error: unknown): CliError {
  const code = systemCode(error)
  const [reason, hint] = REASONS.get(code ?? '') ?? [code ?? 'unknown error', undefined]
  return new CliError(`${printable(path)} could not be ${action}: ${reason}.`, { code: 'file', hint })
}

/** Whether this is the code of a file operation that failed for a reason with a sentence of its own. */
export function isFileErrorCode(code: string | undefined): boolean {
  return code !== undefined && REASONS.has(code)
}
