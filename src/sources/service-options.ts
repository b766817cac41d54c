import type { CommandContext } from '../context.ts'
import type { ServiceOptions } from '../identity/service-client.ts'

/** How the service is asked on behalf of a command. */
export function serviceOptions({ system, reporter }: CommandContext, signal: AbortSignal): ServiceOptions {
  return {
    env: system.env,
    signal,
    now: system.now,
    elapsedMs: system.elapsedMs,
    onRetry: (reason) => reporter.detail(`Trying again (${reason}).`),
  }
}
