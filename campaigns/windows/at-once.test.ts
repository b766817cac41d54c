import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startEmulator } from '../../src/emulator/server.ts'
import type { WindowsBench } from '../../test/support/doubles/windows-bench.ts'
import { requirements, useWindows, SECOND_TRY } from '../../test/support/doubles/windows-suite.ts'

const WAITS = 'note: another acs-env is at work; waiting for it.'

describe.skipIf(requirements === undefined).concurrent('on Windows', SECOND_TRY, () => {
  const onWindows = useWindows()

  it('of two runs at once one waits for the other, and the values of one of them are stored', () =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      const other = await startEmulator({ port: 0 })
      try {
        await windows.setMoods({ setx: 'unhurried' })
        const inputs = [emulator.connectionString, other.connectionString]
        const runs = await Promise.all(inputs.map((input) => suite.setup([], { input })))
        expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0])
        expect(runs.filter(({ stderr }) => stderr.includes(WAITS))).toHaveLength(1)
        const { connectionString, token } = await suite.stored()
        const last = runs[inputs.indexOf(connectionString ?? '')]
        const { user_id } = JSON.parse(last?.stdout ?? '') as { user_id: string }
        const payload = Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()
        expect(JSON.parse(payload)).toMatchObject({ skypeid: user_id.replace(/^8:/, '') })
        const status = suite.documentOf(await windows.run(['status', '--json']))
        expect(status).toMatchObject({ ready: true, user_id })
      } finally {
        await other.close()
      }
    }))

  it('a run that was killed stops no other', () =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      await windows.setMoods({ setx: 'slow' })
      const kill = new AbortController()
      const killed = suite.setup([], { signal: kill.signal })
      await called(windows)
      kill.abort()
      expect((await killed).exitCode).toBeNull()
      await windows.setMoods({})
      const run = await suite.setup()
      suite.documentOf(run)
      expect((await suite.stored()).connectionString).toBe(emulator.connectionString)
    }))
})

async function called(windows: WindowsBench): Promise<void> {
  while (windows.calls().length === 0) await sleep(20)
}
