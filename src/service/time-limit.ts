/** A signal that also comes when some time is over. */
export interface TimeLimit {
  readonly signal: AbortSignal
  /** Whether it was the time that was over. */
  isOver(): boolean
  /** Stops the clock, which keeps the program running. */
  end(): void
}

/**
 * Begins a time limit for something that can also be given up.
 *
 * Not by `AbortSignal.timeout`: Node 20 forgets one that only `AbortSignal.any` waits for once memory is tidied up.
 */
export function beginTimeLimit(signal: AbortSignal, timeoutMs: number): TimeLimit {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  return {
    signal: AbortSignal.any([signal, timeout.signal]),
    isOver: () => timeout.signal.aborted,
    end: () => clearTimeout(timer),
  }
}
