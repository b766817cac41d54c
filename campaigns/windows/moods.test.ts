import { describe, expect, it } from 'vitest'
import type { Double } from '../../test/support/doubles/windows-bench.ts'
import {
  CONNECTION_STRING,
  requirements,
  TOKEN,
  useWindows,
  SECOND_TRY,
} from '../../test/support/doubles/windows-suite.ts'

/** For how long a double in the mood "hang" or "slow" sleeps. */
const SLEEP_MS = 60_000

describe.skipIf(requirements === undefined).concurrent('on a Windows whose programs misbehave', SECOND_TRY, () => {
  const onWindows = useWindows()

  it.each([
    [{ setx: 'hang', powershell: 'denied' }],
    [{ setx: 'denied', powershell: 'denied' }],
    [{ setx: 'stub', powershell: 'stub' }],
  ])('a command that can store nothing fails, and the previous values stay: %o', (moods) =>
    onWindows(async ({ windows, secrets, ...suite }) => {
      suite.documentOf(await suite.setup())
      const before = await suite.stored()
      secrets.add(before.token ?? '')
      await windows.setMoods({ ...moods, reg: 'denied' })
      for (const args of [['setup', '--yes'], ['refresh'], ['unset', '--yes']]) {
        const run = await windows.run(args, { doubles: ['setx', 'powershell', 'reg'] })
        expect([run.exitCode, run.stdout]).toEqual([1, ''])
        expect(run.stderr).toMatch(
          /^error: AZURE_COMMUNICATION_ACCESS_TOKEN could not be (?:stored in|removed from) HKCU\\Environment \(/m,
        )
        expect(suite.secretsIn(Buffer.from(run.stderr))).toEqual([])
        expect(await suite.stored()).toEqual(before)
      }
    }),
  )

  it.each(['hang', 'slow', 'stub', 'denied', 'silent-truncate', 'garble'])(
    'setx in the mood "%s" does no harm: both values are stored',
    (mood) =>
      onWindows(async ({ windows, emulator, ...suite }) => {
        await windows.setMoods({ setx: mood })
        const run = await suite.setup()
        suite.documentOf(run)
        const { connectionString, token } = await suite.stored()
        expect(connectionString).toBe(emulator.connectionString)
        expect(await windows.newProcessSees([CONNECTION_STRING, TOKEN])).toEqual([connectionString, token])
        // One that holds the program up is called off, and not asked for the second value.
        const calls = windows.calls().filter((call) => call.startsWith('setx '))
        expect(calls).toHaveLength(['hang', 'slow'].includes(mood) ? 1 : 2)
        expect(run.elapsedMs).toBeLessThan(SLEEP_MS)
      }),
  )

  it.each<[string, readonly Double[]]>([
    ['and no PowerShell that does anything', ['setx']],
    ['nor the one of Wine, which stores nothing', []],
  ])('setx in the mood "garble" %s leaves it to reg, and tells to sign out', (_, doubles) =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      await windows.setMoods({ setx: 'garble' })
      const { activate } = suite.documentOf(await suite.setup([], { doubles }))
      expect(activate).toMatch(/sign out of Windows and in again/)
      const { connectionString, token } = await suite.stored()
      expect(connectionString).toBe(emulator.connectionString)
      expect(await windows.newProcessSees([TOKEN])).toEqual([token])
    }),
  )

  it('a command that cannot even read says so', () =>
    onWindows(async ({ windows, ...suite }) => {
      await windows.setMoods({ reg: 'unreadable', powershell: 'denied' })
      const run = await suite.setup([], { doubles: ['setx', 'powershell', 'reg'] })
      expect([run.exitCode, run.stdout]).toEqual([1, ''])
      expect(run.stderr).toMatch(/could not be read \(reg export: exit code 1; PowerShell: exit code 1\)/)
      expect(await suite.stored()).toEqual({ connectionString: undefined, token: undefined })
    }))
})
