import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { startSilentService } from '../../test/support/doubles/faulty-service.ts'
import { CONNECTION_STRING, requirements, useWindows, SECOND_TRY } from '../../test/support/doubles/windows-suite.ts'
import type { PtyRun } from '../../test/support/programs/pty.ts'

const WIZARD = [
  ['connection string', 'Connection string', []],
  ['scopes', 'Scopes', []],
  ['confirmation', 'Go ahead?', ['--scope', 'chat']],
] as const
describe.skipIf(requirements === undefined).concurrent('in a console of Windows', SECOND_TRY, () => {
  const onWindows = useWindows()

  it('a connection string that is pasted is stored and not shown', () =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      const run = windows.runInConsole(['setup', '--no-token'])
      await run.waitFor('Connection string')
      // Until a program reads, it is Wine's own terminal that echoes.
      await quiet(run)
      run.type(emulator.connectionString)
      await quiet(run)
      run.press('enter')
      await run.waitFor('Go ahead?')
      await quiet(run)
      run.press('enter')
      await sleep(1000)
      // After a paste Wine swallows a key; to a program that has ended, one more is nothing.
      run.press('enter')
      expect(await run.exit()).toMatchObject({ exitCode: 0 })
      expect(run.raw()).toContain('\u001B[36m?\u001B[39m')
      expect(suite.secretsIn(Buffer.from(run.raw().replaceAll(/\s/g, '')))).toEqual([])
      expect((await suite.stored()).connectionString).toBe(emulator.connectionString)
    }))

  it('the other questions are answered with Enter', () =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      const run = windows.runInConsole([], { [CONNECTION_STRING]: emulator.connectionString })
      await run.waitFor('Scopes')
      run.press('enter')
      await run.waitFor('Go ahead?')
      run.press('enter')
      await run.waitFor('Keep it fresh in the background?')
      run.press('enter')
      expect(await run.exit()).toMatchObject({ exitCode: 0 })
      expect((await suite.stored()).connectionString).toBe(emulator.connectionString)
    }))

  it.each([
    ['ctrl-c', ...WIZARD[0]],
    ['ctrl-c', ...WIZARD[1]],
    ['ctrl-c', ...WIZARD[2]],
    ['ctrl-d', ...WIZARD[0]],
    ['esc', ...WIZARD[2]],
  ] as const)('%s at the question for the %s ends the wizard with 130, and nothing is stored', (key, _, asks, args) =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      const isFirst = asks === 'Connection string'
      const run = windows.runInConsole(args, isFirst ? {} : { [CONNECTION_STRING]: emulator.connectionString })
      await run.waitFor(asks)
      run.press(key)
      expect(await run.exit()).toMatchObject({ exitCode: 130 })
      expect(run.raw().replaceAll('\r\r\n', '')).toContain('Cancelled; nothing was changed.')
      expect(await suite.stored()).toEqual({ connectionString: undefined, token: undefined })
      expect(windows.files('users').filter((file) => file.includes('acs-env'))).toEqual([])
    }),
  )

  it('a Ctrl+C while the service is asked ends with 130, and nothing is stored', () =>
    onWindows(async ({ windows, ...suite }) => {
      const service = await startSilentService()
      try {
        const run = windows.runInConsole(['setup', '--yes', '--connection-string', service.connectionString])
        await run.waitFor('Asking 127.0.0.1')
        run.press('ctrl-c')
        expect(await run.exit()).toMatchObject({ exitCode: 130 })
        expect(await suite.stored()).toEqual({ connectionString: undefined, token: undefined })
        expect(windows.files('users').filter((file) => file.includes('acs-env'))).toEqual([])
      } finally {
        await service.close()
      }
    }))

  it('status is in colour, and without it where NO_COLOR is set', () =>
    onWindows(async ({ windows }) => {
      for (const [env, contents] of [
        [{}, '\u001B[31m✗\u001B[39m Not ready.'],
        [{ NO_COLOR: '1' }, '✗ Not ready.'],
      ] as const) {
        const run = windows.runInConsole(['status'], env)
        expect(await run.exit()).toMatchObject({ exitCode: 3 })
        expect(run.raw()).toContain(contents)
      }
    }))
})

/** Wine shows the question anew for each letter; a key that is pressed meanwhile would overtake the letters. */
async function quiet(run: PtyRun): Promise<void> {
  for (let length = -1; length !== run.raw().length;) {
    length = run.raw().length
    await sleep(1000)
  }
}
