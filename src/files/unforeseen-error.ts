import { systemCode } from '../errors.ts'
import { fileError, isFileErrorCode } from './file-error.ts'

/** What was thrown; a failed file operation that nobody foresaw as a sentence too: a disk that fails is no bug. */
export function withoutSystemError(error: unknown): unknown {
  const path = (error as { path?: unknown } | undefined)?.path
  return typeof path === 'string' && isFileErrorCode(systemCode(error)) ? fileError('reached', path, error) : error
}
