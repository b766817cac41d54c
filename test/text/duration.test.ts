import { expect, it } from 'vitest'
import { formatDuration } from '../../src/text/duration.ts'

it.each([
  [400, '1 s'],
  [45_000, '45 s'],
  [90_000, '2 min'],
  [3_600_000, '1 h'],
  [11_520_000, '3 h 12 min'],
  [86_400_000, '24 h'],
  [3 * 86_400_000, '3 days'],
])('%i ms is %s', (durationMs, text) => expect(formatDuration(durationMs)).toBe(text))
