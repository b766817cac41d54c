import { describe, expect, it } from 'vitest'
import { judgeToken } from '../../src/service/judge-token.ts'
import { startFaultyService } from '../support/doubles/faulty-service.ts'
import { makeHome } from '../support/homes/home.ts'
import { runBuilt } from '../support/programs/built.ts'

const HOUR_MS = 3_600_000
const NOW = new Date('2026-11-28T12:00:00Z')
const inHours = (hours: number): Date => new Date(NOW.getTime() + hours * HOUR_MS)

it.each<[string, number, number | undefined, number | undefined, string | undefined]>([
  ['as asked', 24, 24, 0, undefined],
  ['shorter than asked', 1, 24, 0, undefined],
  ['the clock an hour behind', 25, 24, 1, undefined],
  ['no time from the service', 24, 24, undefined, undefined],
  ['over', -1, 24, 0, 'expired'],
  ['over by the only clock there is', -1, 24, undefined, 'expired'],
  ['longer than asked', 25, 24, 0, 'too-long'],
  ['for ever', 1e6, 24, 0, 'too-long'],
  ['as long as an Entra token', 28, undefined, 0, undefined],
  ['the clock a day ahead', -1, 24, -25, 'clock'],
  ['the clock a day behind', 49, 24, 25, 'clock'],
])('%s', (_, expires, lifetime, service, problem) => {
  const lifetimeMs = lifetime === undefined ? undefined : lifetime * HOUR_MS
  const serviceDate = service === undefined ? undefined : inHours(service)
  expect(judgeToken(inHours(expires), lifetimeMs, serviceDate, NOW)?.problem).toBe(problem)
})

describe('a token whose times cannot be right', () => {
  it.each([
    ['expired', '2001-01-01T00:00:00Z', 0, /issued a token that has expired already/],
    ['endless', '2999-01-01T00:00:00Z', 0, /issued a token that lives longer than was asked for/],
    [
      'by a wrong clock',
      new Date(Date.now() + 96 * HOUR_MS).toISOString(),
      73,
      /this computer's clock is 3 days behind/,
    ],
  ])('is not stored: %s', async (_, expiresOn, aheadHours, message) => {
    const id = '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000'
    const service = await startFaultyService((_request, response) =>
      response
        .writeHead(201, {
          'content-type': 'application/json',
          date: new Date(Date.now() + aheadHours * HOUR_MS).toUTCString(),
        })
        .end(JSON.stringify({ identity: { id }, accessToken: { token: 'eyJ.a.b', expiresOn } })),
    )
    const home = makeHome()
    const args = ['setup', '--yes', '--connection-string', service.connectionString]
    const run = await runBuilt(args, { home: home.path })
    expect([run.exitCode, run.stderr, home.list()]).toEqual([1, expect.stringMatching(message), []])
    await service.close()
    home.remove()
  })
})
