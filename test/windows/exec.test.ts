import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { WindowsBench } from '../support/doubles/windows-bench.ts'
import { requirements, useWindows } from '../support/doubles/windows-suite.ts'

/** As npm.cmd, az.cmd and mvn.cmd do: what it is given goes on to a program. */
const PASSES_ON = `@"%TELL_NODE%" C:\\tools\\tell.cjs %*\r\n`
const TELL = 'process.stdout.write(JSON.stringify(process.argv.slice(2)))'
/** What `cmd.exe` would act upon, each with a command that is then run. */
const HOSTILE = [
  'a"&echo PWNED&"b',
  '"&echo PWNED',
  '" | echo PWNED',
  'x"&&echo PWNED',
  '\\"&echo PWNED&\\"',
  '%CMDCMDLINE:~-1%&echo PWNED',
  '%PATH%',
  '100%',
  'a\r\necho PWNED',
  'a\necho PWNED',
]
const HARMLESS = [
  ['plain', '-x', '--flag=1', 'C:\\dir\\file.txt'],
  ['a b', 'a&b', 'a|b', 'a<b>c', 'a^b', '(a)', 'a,b;c=d', '!a!', "it's", '&echo PWNED', '^&echo PWNED', ''],
  ['é日😀', 'x\\', 'x\\\\', 'a b\\', '*', '?'],
]

function putTools(windows: WindowsBench): void {
  mkdirSync(windows.path('tools'), { recursive: true })
  writeFileSync(windows.path('tools', 'tell.cjs'), TELL)
  for (const name of ['foo.bat', 'foo2.cmd']) writeFileSync(windows.path('tools', name), PASSES_ON)
}

describe.skipIf(requirements === undefined)('exec on Windows', () => {
  const onWindows = useWindows()

  it.concurrent('passes arguments to batch files', { timeout: 240_000 }, () =>
    onWindows(async ({ windows, setup, documentOf }) => {
      documentOf(await setup())
      putTools(windows)
      for (const [index, args] of HARMLESS.entries()) {
        const program = index === 1 ? String.raw`C:\tools\foo2.cmd` : String.raw`C:\tools\foo.bat`
        const run = await windows.run(['exec', '--', program, ...args], { env: { TELL_NODE: windows.nodePath } })
        expect([run.stdout, run.exitCode, run.stderr]).toEqual([JSON.stringify(args), 0, ''])
      }
    }),
  )

  it.concurrent('refuses arguments that a batch file would act upon', { timeout: 240_000 }, () =>
    onWindows(async ({ windows, setup, documentOf }) => {
      documentOf(await setup())
      putTools(windows)
      for (const argument of HOSTILE) {
        const run = await windows.run(['exec', '--', String.raw`C:\tools\foo.bat`, argument])
        expect([argument, run.exitCode, run.stdout]).toEqual([argument, 2, ''])
        expect(run.stderr).toContain('cannot be passed to a batch file safely')
      }
    }),
  )

  it.concurrent('passes every argument to a program', { timeout: 240_000 }, () =>
    onWindows(async ({ windows, setup, documentOf }) => {
      documentOf(await setup())
      putTools(windows)
      const args = [...HOSTILE, ...HARMLESS.flat()]
      const run = await windows.run(['exec', '--', windows.nodePath, String.raw`C:\tools\tell.cjs`, ...args])
      expect([JSON.parse(run.stdout), run.exitCode]).toEqual([args, 0])
    }),
  )

  it.concurrent(
    'runs nothing of the current directory where Windows is told so, and never for itself',
    { timeout: 240_000 },
    () =>
      onWindows(async ({ windows, setup, documentOf }) => {
        documentOf(await setup())
        // The current directory of every run.
        const planted = (name: string): string => windows.path('..', '..', name)
        for (const name of ['planted.cmd', 'openssl.cmd']) writeFileSync(planted(name), '@echo PLANTED>planted.txt\r\n')
        const told = { env: { NoDefaultCurrentDirectoryInExePath: '1' } }
        const refused = await windows.run(['exec', '--', 'planted'], told)
        expect([refused.exitCode, existsSync(planted('planted.txt'))]).toEqual([127, false])
        const emulator = await windows.run(['emulator', '--https', '--port', '0'])
        expect([emulator.exitCode, existsSync(planted('planted.txt'))]).toEqual([1, false])
        expect((await windows.run(['exec', '--', 'planted'])).exitCode).toBe(0)
        expect(existsSync(planted('planted.txt'))).toBe(true)
      }),
  )
})
