import type { TokenFailure } from './failure.ts'

/** Between two clocks that are set, and while an answer is on its way. */
const TOLERANCE_MS = 5 * 60_000

/**
 * What is wrong with the times of a token that was just issued; undefined where nothing is. It is judged by the
 * service's own clock, where that is known. Where ours is wrong by more than the token lives, everything that reads the
 * stored token would take it for expired, or never renew it.
 *
 * @param lifetimeMs how long it was to live; undefined where the service alone decides that
 * @param serviceDate the `Date` of the answer
 */
export function judgeToken(
  expiresOn: Date,
  lifetimeMs: number | undefined,
  serviceDate: Date | undefined,
  now: Date,
): TokenFailure | undefined {
  const clockAheadMs = serviceDate === undefined ? undefined : now.getTime() - serviceDate.getTime()
  const livesMs = expiresOn.getTime() - (serviceDate ?? now).getTime()
  if (livesMs <= 0) return { kind: 'token', problem: 'expired', clockAheadMs }
  if (lifetimeMs !== undefined && livesMs > lifetimeMs + TOLERANCE_MS) {
    return { kind: 'token', problem: 'too-long', clockAheadMs }
  }
  return Math.abs(clockAheadMs ?? 0) >= livesMs ? { kind: 'token', problem: 'clock', clockAheadMs } : undefined
}
