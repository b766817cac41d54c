import { sha256 } from '../system/sha256.ts'

/** How often the job may run, in minutes: each divides a day, so that every scheduler can say it. */
export const INTERVALS_MINUTES = [15, 30, 60, 120, 180, 360] as const

export type IntervalMinutes = (typeof INTERVALS_MINUTES)[number]

/** When the job runs: at this minute of the hour, and then in these steps. The steps begin at midnight. */
export interface Rhythm {
  readonly everyMinutes: IntervalMinutes
  /** 1 to 59, and below the interval. */
  readonly minute: number
}

/** A token that lives this long leaves room for several tries an hour apart. */
const LONG_LIFETIME_MINUTES = 360

/** The interval that suits a token of this lifetime. */
export function usualInterval(lifetimeMinutes: number): IntervalMinutes {
  return lifetimeMinutes >= LONG_LIFETIME_MINUTES ? 60 : 15
}

/** Whether a job that runs this often gets two tries before half of the token's lifetime is left unused. */
export function suitsLifetime(everyMinutes: IntervalMinutes, lifetimeMinutes: number): boolean {
  return 2 * everyMinutes <= lifetimeMinutes / 2
}

/** With how much left the job renews the token: enough for at least two tries. */
export function renewalMargin(everyMinutes: IntervalMinutes, lifetimeMinutes: number): number {
  const share = lifetimeMinutes >= LONG_LIFETIME_MINUTES ? 4 : 2
  return Math.max(Math.floor(lifetimeMinutes / share), 2 * everyMinutes)
}

/**
 * The minute at which a job runs: always the same one for the same key, and spread evenly over the keys, so that not all
 * computers ask the service at once. Never the full hour, when everybody else's jobs run.
 */
export function spreadMinute(everyMinutes: IntervalMinutes, key: string): number {
  const range = Math.min(everyMinutes, 60) - 1
  return 1 + (Number.parseInt(sha256(key).slice(0, 8), 16) % range)
}

/** The minutes of an hour at which the job runs. */
export function minutesOfHour({ everyMinutes, minute }: Rhythm): readonly number[] {
  if (everyMinutes >= 60) return [minute]
  return Array.from({ length: 60 / everyMinutes }, (_, index) => minute + index * everyMinutes)
}

/** The hours of a day in which the job runs; undefined: in each. */
export function hoursOfDay({ everyMinutes }: Rhythm): readonly number[] | undefined {
  if (everyMinutes <= 60) return undefined
  return Array.from({ length: 1440 / everyMinutes }, (_, index) => (index * everyMinutes) / 60)
}

/** The next moment after `now` at which the job runs, in the time zone of this computer, as schedulers reckon. */
export function nextRun(rhythm: Rhythm, now: Date): Date {
  const minutes = minutesOfHour(rhythm)
  const hours = hoursOfDay(rhythm)
  const next = new Date(now)
  next.setSeconds(0, 0)
  do {
    next.setTime(next.getTime() + 60_000)
  } while (!minutes.includes(next.getMinutes()) || hours?.includes(next.getHours()) === false)
  return next
}

/** "every hour at :17" */
export function rhythmText({ everyMinutes, minute }: Rhythm): string {
  if (everyMinutes < 60) return `every ${everyMinutes} minutes`
  const at = `at :${String(minute).padStart(2, '0')}`
  return everyMinutes === 60 ? `every hour ${at}` : `every ${everyMinutes / 60} hours ${at}`
}
