import { expect, it } from 'vitest'
import {
  INTERVALS_MINUTES,
  minutesOfHour,
  nextRun,
  renewalMargin,
  rhythmText,
  spreadMinute,
  suitsLifetime,
  usualInterval,
} from '../../src/schedule/timing.ts'

it.each([
  [60, 7, '2026-11-28T12:00:30', '2026-11-28T12:07:00'],
  [60, 7, '2026-11-28T12:07:00', '2026-11-28T13:07:00'],
  [15, 7, '2026-11-28T12:51:59', '2026-11-28T12:52:00'],
  [15, 7, '2026-11-28T12:52:00', '2026-11-28T13:07:00'],
  [360, 7, '2026-11-28T18:07:00', '2026-11-29T00:07:00'],
] as const)('every %i minutes at :%i, after %s comes %s', (everyMinutes, minute, now, next) => {
  expect(nextRun({ everyMinutes, minute }, new Date(now))).toEqual(new Date(next))
})

it('every token of a lifetime that the service allows gets at least two tries', () => {
  for (const lifetime of [60, 90, 359, 360, 720, 1440]) {
    const every = usualInterval(lifetime)
    expect([lifetime, suitsLifetime(every, lifetime)]).toEqual([lifetime, true])
    expect(renewalMargin(every, lifetime)).toBeGreaterThanOrEqual(2 * every)
    expect(renewalMargin(every, lifetime)).toBeLessThanOrEqual(lifetime / 2)
  }
  expect([usualInterval(1440), renewalMargin(60, 1440)]).toEqual([60, 360])
  expect([usualInterval(60), renewalMargin(15, 60)]).toEqual([15, 30])
})

it('the minute is always the same one, spread, and never the full hour', () => {
  for (const every of INTERVALS_MINUTES) {
    const minutes = Array.from({ length: 500 }, (_, index) => spreadMinute(every, `user ${index}`))
    expect(spreadMinute(every, 'user 7')).toBe(minutes[7])
    expect(new Set(minutes).size).toBe(Math.min(every, 60) - 1)
    for (const minute of minutes) {
      expect(minutesOfHour({ everyMinutes: every, minute }).every((each) => each > 0 && each < 60)).toBe(true)
    }
  }
})

it.each([
  [15, 'every 15 minutes'],
  [60, 'every hour at :07'],
  [180, 'every 3 hours at :07'],
] as const)('every %i minutes reads "%s"', (everyMinutes, text) => {
  expect(rhythmText({ everyMinutes, minute: 7 })).toBe(text)
})
