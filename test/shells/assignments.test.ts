import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CliError } from '../../src/errors.ts'
import { cmd } from '../../src/shells/cmd.ts'
import { posixShells } from '../../src/shells/index.ts'
import { otherShells } from '../../src/shells/other/index.ts'
import type { Shell } from '../../src/shells/shell.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { hasProgram } from '../support/programs/requirements.ts'
import { startShell } from '../support/programs/shell-run.ts'

const shells: readonly Shell[] = [...posixShells, ...otherShells, cmd]
const name = fc.stringMatching(/^[A-Za-z_]\w{0,30}$/)
/** Any text without NUL, which no environment can hold: several lines and control characters too. */
const anyValue = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(hostileText, { maxLength: 3 }).map((lines) => lines.join('\n')),
    fc.string({ unit: fc.constantFrom("'", '\\', '"', '$', '%', '!', ' ', '\r', '\n', '‘', '’') }),
    fc.constantFrom('', "'", String.raw`'\''`, String.raw`\'`, '\\', "''", '\n', '\r\n', "’'", 'x'.repeat(40_000)),
  )
  .map((text) => text.replaceAll('\0', ''))
const valueOf = (shell: Shell): fc.Arbitrary<string> =>
  shell.name === 'cmd' ? anyValue.filter((text) => !/[%!"\r\n]/.test(text)) : anyValue

describe.each(shells)('an assignment of $name', (shell) => {
  it('is read as what was assigned', () => {
    fc.assert(
      fc.property(name, valueOf(shell), (variable, value) => {
        expect(shell.readAssignment(shell.assign(variable, value))).toEqual({ name: variable, value })
      }),
      { numRuns: 1_000 },
    )
  })

  it('is read from nothing but what would be written for the same value', () => {
    expect.hasAssertions()
    const near = fc
      .tuple(name, valueOf(shell), fc.nat(), fc.constantFrom('', ' ', "'", '"', '\\', ';', '\n', '#'))
      .map(([variable, value, at, inserted]) => {
        const line = shell.assign(variable, value)
        const offset = at % (line.length + 1)
        return line.slice(0, offset) + inserted + line.slice(offset)
      })
    fc.assert(
      fc.property(fc.oneof(near, hostileText), (line) => {
        const read = shell.readAssignment(line)
        if (read !== undefined) expect(shell.assign(read.name, read.value)).toBe(line)
      }),
      { numRuns: 1_000 },
    )
  })

  it('is not one of a line that says something else', () => {
    const others = ['', 'echo hi', "NAME='x'", "export NAME='x' # why", "export A='x'; export B='y'", 'set "A=%B%"']
    expect(others.map((line) => shell.readAssignment(line))).toEqual(others.map(() => undefined))
  })
})

it('cmd says which values it cannot hold', () => {
  fc.assert(
    fc.property(anyValue, fc.constantFrom('%', '!', '"', '\r', '\n'), anyValue, (before, character, after) => {
      expect(() => cmd.assign('NAME', before + character + after)).toThrow(CliError)
    }),
  )
})

/** The programs that speak the language of each shell, as far as one can be installed here. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  bash: ['bash'],
  zsh: ['zsh'],
  sh: ['dash', 'bash', 'ksh', 'mksh'],
  ksh: ['ksh'],
  mksh: ['mksh'],
  fish: ['fish'],
}
const evaluators = shells.flatMap((shell) => (PROGRAMS[shell.name] ?? []).map((program) => ({ shell, program })))

let home: TestHome
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

describe.each(evaluators)('what $shell.name assigns', ({ shell, program }) => {
  // The options that change what a quote or a backslash means.
  const options = program === 'zsh' ? [[], ['-o', 'rcquotes']] : program === 'bash' ? [[], ['--posix']] : [[]]

  it.skipIf(!hasProgram(program, '-c')).each(options)(`is what ${program} hands on, byte for byte: %s`, (...args) => {
    const script = join(dirname(home.path), 'assignments')
    fc.assert(
      fc.property(fc.array(valueOf(shell), { minLength: 80, maxLength: 120 }), (values) => {
        const names = values.map((_, index) => `VALUE_${index}`)
        const statements = values.map((value, index) => shell.assign(`VALUE_${index}`, value))
        writeFileSync(script, `${statements.join('\n')}\n`)
        const run = startShell(program, [...args, '-c'], home.path, {
          prelude: '. "$SCRIPT"; ',
          env: { SCRIPT: script },
        })
        expect([run.status, run.stdout, run.stderr]).toEqual([0, '', ''])
        expect(names.map((each) => run.environment.get(each)?.toString('latin1'))).toEqual(
          values.map((value) => Buffer.from(value).toString('latin1')),
        )
      }),
      { numRuns: 5 },
    )
  })
})
