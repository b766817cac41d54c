import { systemCode } from './errors.ts'
import { fileError, isFileErrorCode } from './files/file-error.ts'

/** What was thrown; a failed file operation that nobody foresaw as a sentence too: a disk that fails is no bug. */
export function withoutSystemError(error: unknown): unknown {
  const { path, syscall } = (error ?? {}) as NodeJS.ErrnoException
  // Without a system call the error comes from some library, and its path may be anything.
  const isOfFile = path !== undefined && syscall !== undefined && isFileErrorCode(systemCode(error))
  return isOfFile ? fileError('reached', path, error) : error
}
