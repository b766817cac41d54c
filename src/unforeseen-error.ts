import { systemCode } from './errors.ts'
import { fileError, isFileErrorCode } from './files/file-error.ts'

/** What was thrown; a failed file operation that nobody foresaw as a sentence too: a disk that fails is no bug. */
export function withoutSystemError(error: unknown): unknown {
  const { path, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (!isFileErrorCode(systemCode(error))) return error
  // Writing to an open file fails without its path, as on a full disk.
  if (path === undefined && syscall === 'write') return fileError('written', 'A file', error)
  // Without a system call the error comes from some library, and its path may be anything.
  return path !== undefined && syscall !== undefined ? fileError('reached', path, error) : error
}
