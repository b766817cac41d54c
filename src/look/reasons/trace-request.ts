import type { LookRequest } from '../look.ts'
import type { BlockPlace } from './search.ts'

export interface TraceRequest extends LookRequest {
  /** The blocks in them, in the order of the shell's load points. */
  readonly blocks: readonly BlockPlace[]
}

export const TRACE_TIMEOUT_MS = 5_000

export const MAX_TRACE_BYTES = 32 * 1024 * 1024
export const MAX_ERROR_BYTES = 1024 * 1024
/** What the directories of traces are called. */
export const TRACE_DIRECTORY = 'acs-env-trace-'
