import { describe, expect, it } from 'vitest'
import { acs, home } from '../support/homes/emulator-and-home.ts'
import { storeValues } from '../support/homes/stored-values.ts'

const HOUR_MS = 60 * 60_000
const CONNECTION_STRING = 'endpoint=https://localhost:1/;accesskey=c2VjcmV0'
const BEHIND = /The clock of this computer is at least (?:\d+ (?:h|min|days) ?)+behind/

/** A token with 24 hours left by the right clock. */
function store(): Date {
  const now = new Date()
  storeValues(home, {
    connectionString: CONNECTION_STRING,
    accessToken: 'eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl',
    expiresOn: new Date(now.getTime() + 24 * HOUR_MS),
    endpoint: 'https://localhost:1/',
  })
  return now
}

const commands: readonly (readonly string[])[] = [
  ['status'],
  ['refresh', '--if-expires-within', '6h'],
  ['token'],
  ['exec', '--', 'true'],
]

describe('a clock that must be behind', () => {
  it.each([25, 24, 6, 2, 24 * 365])('by %i hours is reported, and never called ready', async (hours) => {
    const now = store().getTime()
    for (const args of commands) {
      const { exitCode, stdout, stderr } = await acs(args, { now: () => new Date(now - hours * HOUR_MS) })
      expect([args, stdout + stderr]).toEqual([args, expect.stringMatching(BEHIND)])
      expect([args, exitCode]).toEqual([args, args[0] === 'status' ? 3 : 0])
    }
  })

  it.each([0, 0.2, -1, -23])('is not seen in one that is so many hours behind: %d', async (hours) => {
    const now = store().getTime()
    for (const args of commands) {
      const { stdout, stderr } = await acs(args, { now: () => new Date(now - hours * HOUR_MS) })
      expect([args, stdout + stderr]).toEqual([args, expect.not.stringMatching(/clock/)])
    }
  })

  it('is seen by when the token was stored, too', async () => {
    const now = store().getTime()
    const state = JSON.parse(home.read('.config/acs-env/state.json')) as object
    for (const [renewedAt, isSaid] of [
      [new Date(now + 26 * HOUR_MS).toISOString(), true],
      [new Date(now - 1).toISOString(), false],
      ['rubbish', false],
    ] as const) {
      home.write('.config/acs-env/state.json', JSON.stringify({ ...state, renewed_at: renewedAt }))
      expect([renewedAt, BEHIND.test((await acs(['status'])).stdout)]).toEqual([renewedAt, isSaid])
    }
  })
})
