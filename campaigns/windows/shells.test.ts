import { describe, expect, it } from 'vitest'
import { requirements, SECOND_TRY, useWindows } from '../../test/support/doubles/windows-suite.ts'

describe.skipIf(requirements === undefined).concurrent('on Windows', SECOND_TRY, () => {
  const onWindows = useWindows()

  it('knows the shell behind the cmd that npx starts it with', () =>
    onWindows(async ({ windows, secrets, ...suite }) => {
      suite.documentOf(await suite.setup())
      const stored = await suite.stored()
      secrets.add(stored.token ?? '')
      const modules = String.raw`C:\Users\x\Documents\WindowsPowerShell\Modules`
      for (const [PSModulePath, start] of [
        [modules, '$env:'],
        ['', 'set "'],
      ] as const) {
        const { stdout } = await windows.run(['env'], { env: { PROMPT: '$P$G', PSModulePath } })
        expect(stdout.slice(0, start.length)).toBe(start)
      }
    }))

  it('exec tells a command that is not there as a shell does, and hands on one value for a name in any letters', () =>
    onWindows(async ({ windows, emulator, ...suite }) => {
      suite.documentOf(await suite.setup(['--as', 'my_conn']))
      for (const program of ['nosuch', String.raw`C:\nosuch.cmd`, String.raw`C:\windows`]) {
        const run = await windows.run(['exec', '--json', '--', program])
        expect([run.exitCode, run.stdout]).toEqual([127, ''])
        expect(JSON.parse(run.stderr)).toMatchObject({ error: { code: 'command_not_found' } })
      }
      const print = ['-p', 'process.env.my_conn']
      const run = await windows.run(['exec', '--', windows.nodePath, ...print], { env: { MY_CONN: 'old' } })
      expect([run.exitCode, run.stdout.trim()]).toEqual([0, emulator.connectionString])
      expect((await windows.run(['exec', '--', 'cmd', '/c', 'exit 5'])).exitCode).toBe(5)
    }))
})
