import { UsageError } from '../errors.ts'

/** The service's limits, in minutes (azure-rest-api-specs, CommunicationIdentity 2023-10-01). */
const MIN_MINUTES = 60
const MAX_MINUTES = 1440
export const DEFAULT_LIFETIME_MINUTES = MAX_MINUTES

/** A length of time in milliseconds, from `90m`, `24h`, `7d` or bare minutes. Anything else: a `UsageError`. */
export function parseDurationMs(text: string, option = '--if-expires-within'): number {
  const [, amount, unit = 'm'] = /^(\d{1,6})\s*(m|min|minutes?|h|hours?|d|days?)?$/i.exec(text.trim()) ?? []
  if (amount === undefined) {
    throw new UsageError(`The value of ${option} is not a time.`, {
      code: 'invalid_time',
      hint: 'write 30m, 6h, 1d or a number of minutes',
    })
  }
  const minutes = Number(amount) * (/^h/i.test(unit) ? 60 : /^d/i.test(unit) ? 1440 : 1)
  return minutes * 60_000
}

/** A token's lifetime in minutes, from `90m`, `24h` or bare minutes. Out of range or no number: a `UsageError`. */
export function parseLifetimeMinutes(text: string): number {
  const match = /^(\d{1,6})\s*(m|min|minutes?|h|hours?)?$/i.exec(text.trim())
  if (match === null) {
    throw new UsageError('The lifetime is not a time.', {
      code: 'invalid_lifetime',
      hint: 'write 90m, 24h or a number of minutes',
    })
  }
  const minutes = Number(match[1]) * (/^h/i.test(match[2] ?? '') ? 60 : 1)
  if (minutes < MIN_MINUTES || minutes > MAX_MINUTES) {
    throw new UsageError(`A lifetime of ${minutes} minutes is not possible.`, {
      code: 'invalid_lifetime',
      hint: 'the service allows 60 minutes to 24 hours',
    })
  }
  return minutes
}
