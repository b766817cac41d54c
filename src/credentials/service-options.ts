import type { ServiceOptions } from '../service/client.ts'
import type { Surroundings } from '../ui/surroundings.ts'

/** For all attempts and the waits between them; with start-up and exit every failure is reported within 15 s. */
const BUDGET_MS = 11_000

/** How the service is asked on behalf of a command, from now on. */
export function serviceOptions(
  { system, reporter }: Pick<Surroundings, 'system' | 'reporter'>,
  signal: AbortSignal,
): ServiceOptions {
  return {
    env: system.env,
    signal,
    now: system.now,
    nodeVersion: system.nodeVersion,
    elapsedMs: system.elapsedMs,
    deadlineMs: system.elapsedMs() + BUDGET_MS,
    onRetry: (reason) => reporter.detail(`Trying again (${reason}).`),
  }
}
