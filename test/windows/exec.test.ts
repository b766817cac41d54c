import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { array, constantFrom, sample, type Arbitrary } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WindowsBench } from '../support/doubles/windows-bench.ts'
import { requirements, useWindows, WINDOWS_TIMEOUT_MS } from '../support/doubles/windows-suite.ts'
import type { InsideCommand } from '../support/doubles/windows/inside.ts'

/** As npm.cmd, az.cmd and mvn.cmd do: what it is given goes on to a program. */
const PASSES_ON = '@C:\\tell.exe %*\r\n'
/** What `cmd.exe` would act upon, each with a command that is then run. */
const HOSTILE = [
  'a"&echo PWNED&"b',
  '"&echo PWNED',
  '" | echo PWNED',
  'x"&&echo PWNED',
  '\\"&echo PWNED&\\"',
  '^"&echo PWNED',
  '""',
  '%CMDCMDLINE:~-1%&echo PWNED',
  '%PATH%',
  '%=exitcode%',
  '%0',
  '%*',
  '100%',
  'a\r\necho PWNED',
  'a\necho PWNED',
  'a\recho PWNED',
  '\n',
]
const HARMLESS = [
  ['plain', '-x', '--flag=1', 'C:\\dir\\file.txt', '/?', '@file', ''],
  ['a b', 'a&b', 'a|b', 'a<b>c', 'a^b', '(a)', 'a,b;c=d', '!a!', '!PATH!', "it's", '&echo PWNED', '^&echo PWNED'],
  ['é日😀', 'x\\', 'x\\\\', 'a b\\', 'a b\\\\', '*', '?', '\t', ' ', '&&', '||', '^', '^^', '>C:\\pwned', '\u2028'],
]
/** Names of one batch file. */
const PLAIN = [
  String.raw`C:\tools\FOO.BAT`,
  'C:/tools/foo.bat',
  String.raw`C:\tools\foo`,
  String.raw`C:\tools\.\foo.bat`,
  String.raw`tools\foo.bat`,
  String.raw`.\tools\foo`,
  'foo.bat',
  'foo',
]
/** And strange ones: of a name Windows leaves out dots and spaces at the end. */
const SPELLINGS = [
  ...PLAIN,
  String.raw`C:\tools\foo.bat.`,
  String.raw`C:\tools\foo.bat `,
  String.raw`C:\tools\foo.bat. . `,
  String.raw`C:\tools\foo.cmd...`,
  String.raw`\\?\C:\tools\foo.bat`,
  String.raw`C:\tools\foo.bat::$DATA`,
  String.raw`C:\tools\a b & (c) ^!é.cmd`,
]
/** Pieces that mean something to `cmd.exe` or to the splitting of command lines, and what would be run. */
const PIECES = [...Array.from("&|<>^!()=;, \t\\/:*?~'$@#+-1aé`{}[]"), 'echo PWNED', '\\\\', '😀', '&&', '^^']
/** What no quoting keeps `cmd.exe` from acting upon. */
const REFUSED = ['"', '%', '\r', '\n']
const isSafe = (argument: string): boolean => !REFUSED.some((piece) => argument.includes(piece))
const argumentOf = (...pieces: readonly string[]): Arbitrary<string> =>
  array(constantFrom(...pieces), { maxLength: 10 }).map((parts) => parts.join(''))
const ON_PATH = { PATH: 'C:\\tools' }
const told = (args: readonly string[]): string => args.map((argument) => `${argument}\u001F`).join('')

function putTools(windows: WindowsBench): void {
  mkdirSync(windows.path('tools'), { recursive: true })
  const files = ['foo.bat', 'foo.cmd', 'a b & (c) ^!é.cmd', '100% safe.bat']
  for (const name of files) writeFileSync(windows.path('tools', name), PASSES_ON)
  // Beside `npm.cmd` lies one for other shells.
  writeFileSync(windows.path('tools', 'foo'), '#!/bin/sh\n')
}

describe.skipIf(requirements === undefined)('exec on Windows', { timeout: WINDOWS_TIMEOUT_MS }, () => {
  const onWindows = useWindows()

  it('passes arguments to batch files and programs, or refuses them', () =>
    onWindows(async ({ windows }) => {
      putTools(windows)
      const program = String.raw`C:\tools\foo.cmd`
      const safe = sample(array(argumentOf(...PIECES), { minLength: 10, maxLength: 20 }), 5)
      const hostile = sample(argumentOf(...PIECES, ...REFUSED), 300)
      const commands: InsideCommand[] = [
        ...[...HARMLESS, ...safe].map((args) => ({ program, args })),
        ...hostile.map((argument) => ({ program, args: [argument], starts: !isSafe(argument) })),
        { program: String.raw`C:\tell.exe`, args: [...HOSTILE, ...HARMLESS.flat(), ...safe.flat()] },
        { program: 'tell', args: HOSTILE, env: { PATH: '"C:\\"' } },
      ]
      const results = await windows.inside(commands, 'C:\\')
      for (const [index, { outcome, stdout }] of results.entries()) {
        const { program: called, args, starts = true } = commands[index] ?? { program: '', args: [] }
        const passes = called !== program || args.every((argument) => isSafe(argument))
        const expected = passes ? ['started', starts ? told(args) : ''] : ['refused', '']
        expect([args, outcome, stdout]).toEqual([args, ...expected])
      }
    }))

  it('knows a batch file by whatever name it is called', () =>
    onWindows(async ({ windows }) => {
      putTools(windows)
      const commands = SPELLINGS.flatMap((program) => [
        ...HOSTILE.map((argument) => ({ program, args: [argument], env: ON_PATH, starts: false })),
        { program, args: ['a b', '&echo PWNED'], env: ON_PATH, starts: !PLAIN.includes(program) },
      ])
      const results = await windows.inside(commands, 'C:\\')
      for (const [index, { outcome, stdout, started }] of results.entries()) {
        const { program = '', args = [] } = commands[index] ?? {}
        const isHostile = args.length === 1
        if (isHostile) expect([program, args, outcome]).toEqual([program, args, expect.not.stringMatching('started')])
        else if (outcome === 'started') {
          expect([program, started]).toEqual([program, expect.stringMatching(/\\system32\\cmd\.exe$/i)])
          if (stdout !== '') expect([program, stdout]).toEqual([program, told(args)])
        } else expect(PLAIN).not.toContain(program)
      }
    }))

  it('refuses what is too long for cmd.exe, and nothing shorter', () =>
    onWindows(async ({ windows }) => {
      putTools(windows)
      const program = String.raw`C:\tools\foo.cmd`
      const args = [8_000, 9_000, 40_000].map((length) => 'x'.repeat(length))
      const results = await windows.inside(
        args.map((argument) => ({ program, args: [argument] })),
        'C:\\',
      )
      expect(results.map(({ outcome, stdout }) => [outcome, stdout])).toEqual([
        ['started', told(args.slice(0, 1))],
        ['refused', ''],
        ['refused', ''],
      ])
    }))

  it('starts nothing from the current directory where Windows is set so, and nothing that was not named', () =>
    onWindows(async ({ windows }) => {
      const place = 'checkout'
      mkdirSync(windows.path(place), { recursive: true })
      mkdirSync(windows.path('bin'), { recursive: true })
      for (const name of ['planted.cmd', 'node.cmd', 'cmd.cmd']) {
        writeFileSync(windows.path(place, name), '@echo PLANTED\r\n')
      }
      for (const name of ['planted.exe', 'node.exe', 'cmd.exe', 'sh.exe']) {
        writeFileSync(windows.path(place, name), 'MZ')
      }
      writeFileSync(windows.path('bin', 'script'), '#!/usr/bin/env sh\n')
      writeFileSync(windows.path('bin', 'batch.cmd'), PASSES_ON)
      const no = { NoDefaultCurrentDirectoryInExePath: '1' }
      const results = await windows.inside(
        [
          { program: 'planted', args: [], env: no, starts: false },
          { program: 'planted.cmd', args: [], env: { NODEFAULTCURRENTDIRECTORYINEXEPATH: '0' }, starts: false },
          { program: 'planted', args: [], env: { ...no, PATH: ';;' }, starts: false },
          { program: 'planted', args: [], starts: false },
          { program: String.raw`.\planted.cmd`, args: [], env: no },
          { program: String.raw`C:\bin\script`, args: [], env: { PATH: '' }, starts: false },
          ...['', '.', 'C:', '\\', 'checkout', String.raw`\\nosuch\share`].map((SystemRoot) => ({
            program: String.raw`C:\bin\batch.cmd`,
            args: ['x'],
            env: { SystemRoot, windir: SystemRoot },
            starts: false,
          })),
        ],
        `C:\\${place}`,
      )
      const system = String.raw`C:\Windows\System32\cmd.exe`
      expect(results.map(({ outcome, started }) => [outcome, started.toLowerCase()])).toEqual([
        ['not-found', ''],
        ['not-found', ''],
        ['not-found', ''],
        ['started', String.raw`c:\checkout\planted.exe`],
        ['started', system.toLowerCase()],
        ['started', system.toLowerCase()],
        ...Array.from({ length: 6 }, () => ['started', system.toLowerCase()]),
      ])
      expect(results[4]?.stdout).toBe('PLANTED\r\n')
    }))

  it('does so in the command itself', () =>
    onWindows(async ({ windows, setup, documentOf }) => {
      documentOf(await setup())
      putTools(windows)
      const batch = ['exec', '--', String.raw`C:\tools\foo.bat`]
      expect(await windows.run([...batch, 'a b', '&echo PWNED'])).toMatchObject({
        stdout: told(['a b', '&echo PWNED']),
        exitCode: 0,
        stderr: '',
      })
      const refused = await windows.run([...batch, 'x"&&echo PWNED'])
      expect([refused.exitCode, refused.stdout]).toEqual([2, ''])
      expect(refused.stderr).toContain('cannot be passed to a batch file safely')
      const path = await windows.run(['exec', '--', String.raw`C:\tools\100% safe.bat`])
      expect([path.exitCode, path.stderr]).toEqual([2, expect.stringContaining('whose path has a %')])
      // The current directory of every run.
      const planted = (name: string): string => windows.path('..', '..', name)
      for (const name of ['planted.cmd', 'openssl.cmd']) writeFileSync(planted(name), '@echo PLANTED>planted.txt\r\n')
      const none = { env: { NoDefaultCurrentDirectoryInExePath: '1' } }
      expect((await windows.run(['exec', '--', 'planted'], none)).exitCode).toBe(127)
      const emulator = await windows.run(['emulator', '--https', '--port', '0'])
      expect([emulator.exitCode, existsSync(planted('planted.txt'))]).toEqual([1, false])
      expect((await windows.run(['exec', '--', 'planted'])).exitCode).toBe(0)
      expect(existsSync(planted('planted.txt'))).toBe(true)
    }))
})
