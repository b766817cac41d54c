import { describe, expect, it } from 'vitest'
import { parseLifetimeMinutes } from '../../src/values/lifetime.ts'

describe('lifetimes', () => {
  it.each([
    ['60', 60],
    ['90m', 90],
    ['24h', 1440],
    ['1 hour', 60],
    ['120min', 120],
    [' 2h ', 120],
  ])('%s', (text, minutes) => expect(parseLifetimeMinutes(text)).toBe(minutes))

  it.each(['', '59', '1441', '25h', '-60', '1.5h', 'h', '60s', '1e3', '9999999999'])('not %j', (text) => {
    expect(() => parseLifetimeMinutes(text)).toThrow(/time|minutes/)
  })
})
