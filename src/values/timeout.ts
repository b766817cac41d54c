import { UsageError } from '../errors.ts'

const LONGEST_MS = 5 * 60_000

/** A limit of time in milliseconds, from `10s`, `2m` or bare seconds. Anything else: a `UsageError`. */
export function parseTimeoutMs(text: string): number {
  const [, amount, unit = 's'] = /^(\d{1,3})\s*(s|m)?$/i.exec(text.trim()) ?? []
  const timeoutMs = Number(amount) * (unit.toLowerCase() === 'm' ? 60_000 : 1000)
  if (amount === undefined || timeoutMs === 0 || timeoutMs > LONGEST_MS) {
    throw new UsageError('The value of --timeout is not a time that is possible.', {
      code: 'invalid_time',
      hint: 'write 10s, 1m or a number of seconds, up to 5m',
    })
  }
  return timeoutMs
}
