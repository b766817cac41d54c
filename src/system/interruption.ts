import { CancelledError } from '../errors.ts'
import type { RunResult } from './system.ts'

/**
 * Throws a `CancelledError` where a program was ended by the same Ctrl+C that ends us: it reaches the child as well,
 * whose end is sometimes seen before our own signal.
 */
export function requireUninterrupted(result: RunResult, signal: AbortSignal): void {
  const isInterrupted =
    (result.kind === 'killed' && result.signal === 'SIGINT') || (result.kind === 'exited' && result.exitCode === 130)
  if (isInterrupted || signal.aborted) throw new CancelledError()
}
