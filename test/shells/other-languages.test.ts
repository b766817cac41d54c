import { readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loginShellNamed } from '../../src/shells/index.ts'
import { otherLanguageOf } from '../../src/shells/other-files.ts'
import { otherShells } from '../../src/shells/other/index.ts'
import type { OtherShell } from '../../src/shells/shell.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { makeSystem } from '../support/homes/world.ts'
import { installedOtherShells } from '../support/programs/other-shells.ts'
import { runShell, splitBytes } from '../support/programs/shell-run.ts'

/** Any text without NUL, which no environment can hold. */
const anyValue = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    hostileText,
    fc.string({ unit: fc.constantFrom("'", '\\', '"', '$', '!', '`', '(', ')', '@', '{', ' ', '\t', '\r', '\n', '’') }),
    fc.constantFrom(
      '',
      "'",
      '\\',
      '\\\\',
      '\n',
      '\\\n',
      '!',
      '\\!',
      '!!',
      ' ',
      '~',
      '$HOME',
      '$(id)',
      '#',
      "'''",
      '"""',
    ),
  )
  .map((text) => text.replaceAll('\0', ''))

let home: TestHome
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

describe.each(installedOtherShells())('what is written for $title', ({ name, program, scriptArgs }) => {
  it('is what it hands on, byte for byte', async () => {
    const shell = await loginShellNamed(name)
    const out = join(dirname(home.path), 'environment')
    const asked = fc.assert(
      fc.asyncProperty(fc.array(anyValue, { minLength: 60, maxLength: 100 }), async (values) => {
        const statements = values.map((value, index) => shell.assign(`VALUE_${index}`, value))
        // An absolute path is a program to all of them.
        const script = home.write('script', [...statements, `/bin/sh ${join(home.path, 'tell')}`, ''].join('\n'))
        home.write('tell', `/usr/bin/env -0 > '${out}'\n`)
        rmSync(out, { force: true })
        const { status, stderr } = runShell(program, [...scriptArgs, script], home.path)
        expect([status, stderr]).toEqual([0, ''])
        const entries = splitBytes(readFileSync(out)).map((entry) => entry.toString('latin1'))
        const handedOn = new Map(entries.map((entry) => [entry.split('=', 1)[0], entry.slice(entry.indexOf('=') + 1)]))
        expect(values.map((_, index) => handedOn.get(`VALUE_${index}`))).toEqual(
          values.map((value) => Buffer.from(value).toString('latin1')),
        )
      }),
      { numRuns: 3 },
    )
    await asked
  })
})

describe.each(otherShells)('the files of $name', (shell) => {
  it('are known again by their names, without asking anybody', async () => {
    const startup = await shell.startup({
      home: home.path,
      program: join(home.path, 'none'),
      system: makeSystem(home.path),
    })
    expect(filesOf(startup).map((path) => otherLanguageOf(path)?.shell)).toEqual(filesOf(startup).map(() => shell.name))
  })
})

function filesOf(startup: Awaited<ReturnType<OtherShell['startup']>>): readonly string[] {
  if ('unanswered' in startup) throw new Error(startup.unanswered)
  return startup.loadPoints.map(({ path }) => path)
}
