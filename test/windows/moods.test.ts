import { describe, expect, it } from 'vitest'
import type { Double } from '../support/windows-bench.ts'
import { requirements, TOKEN, useWindows } from '../support/windows-suite.ts'

describe.skipIf(requirements === undefined)('on a Windows whose programs misbehave', () => {
  const suite = useWindows()

  describe('setx', () => {
    it.each(['stub', 'denied', 'hang', 'silent-truncate', 'garble', 'slow'])(
      'in the mood "%s" does no harm: both values are stored',
      { timeout: 90_000 },
      async (mood) => {
        await suite.windows.setMoods({ setx: mood })
        const run = await suite.setup()
        suite.documentOf(run)
        const { connectionString, token } = await suite.stored()
        expect(connectionString).toBe(suite.emulator.connectionString)
        expect(await suite.windows.newProcessSees(TOKEN)).toBe(token)
        expect(run.elapsedMs).toBeLessThan(25_000)
      },
    )

    it.each<[string, readonly Double[]]>([
      ['and no PowerShell that does anything', ['setx']],
      ['nor the one of Wine, which stores nothing', []],
    ])('in the mood "garble" %s leaves it to reg, and tells to sign out', { timeout: 90_000 }, async (_, doubles) => {
      await suite.windows.setMoods({ setx: 'garble' })
      const { activate } = suite.documentOf(await suite.setup([], { doubles }))
      expect(activate).toMatch(/sign out of Windows and in again/)
      const { connectionString, token } = await suite.stored()
      expect(connectionString).toBe(suite.emulator.connectionString)
      expect(await suite.windows.newProcessSees(TOKEN)).toBe(token)
    })
  })

  describe('where nothing can be stored', () => {
    it.each([
      { setx: 'denied', powershell: 'denied' },
      { setx: 'stub', powershell: 'stub' },
      { setx: 'hang', powershell: 'denied' },
    ])('a command fails and the previous values stay: %o', { timeout: 120_000 }, async (moods) => {
      suite.documentOf(await suite.setup())
      const before = await suite.stored()
      suite.secrets.add(before.token ?? '')
      await suite.windows.setMoods({ ...moods, reg: 'denied' })
      for (const args of [['setup', '--yes'], ['refresh']]) {
        const run = await suite.windows.run(args, { doubles: ['setx', 'powershell', 'reg'] })
        expect([run.exitCode, run.stdout]).toEqual([1, ''])
        expect(run.stderr).toMatch(
          /^error: AZURE_COMMUNICATION_ACCESS_TOKEN could not be stored in HKCU\\Environment \(/m,
        )
        expect(suite.secretsIn(Buffer.from(run.stderr))).toEqual([])
        expect(await suite.stored()).toEqual(before)
      }
      const unset = await suite.windows.run(['unset', '--yes'], { doubles: ['setx', 'powershell', 'reg'] })
      expect(unset.exitCode).toBe(1)
      expect(await suite.stored()).toEqual(before)
    })

    it('a command that cannot even read says so', { timeout: 60_000 }, async () => {
      await suite.windows.setMoods({ reg: 'unreadable' })
      const run = await suite.setup([], { doubles: ['setx', 'powershell', 'reg'] })
      expect([run.exitCode, run.stdout]).toEqual([1, ''])
      expect(run.stderr).toMatch(/could not be read \(reg export: exit code 1\)/)
      expect(await suite.stored()).toMatchObject({ connectionString: undefined, token: undefined })
    })
  })
})
