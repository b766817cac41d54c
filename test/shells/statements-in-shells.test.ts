import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { formatNamed } from '../support/doubles/formats.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { storeValues } from '../support/homes/stored-values.ts'
import { runInWorld } from '../support/homes/world.ts'
import { putOnPath } from '../support/programs/on-path.ts'
import { hasProgram } from '../support/programs/requirements.ts'
import { startShell } from '../support/programs/shell-run.ts'

const NAMES = ['AZURE_COMMUNICATION_CONNECTION_STRING', 'AZURE_COMMUNICATION_ACCESS_TOKEN'] as const

interface TestedShell {
  readonly shell: string
  readonly format: 'sh' | 'bash' | 'zsh' | 'fish'
  /** Takes statements from a command's output. */
  readonly load: (command: string) => string
  readonly versionArgument?: string
}

const posix = (command: string): string => `eval "$(${command})"; `
const shells: readonly TestedShell[] = [
  { shell: 'bash', format: 'bash', load: posix },
  { shell: 'zsh', format: 'zsh', load: posix },
  { shell: 'dash', format: 'sh', load: posix, versionArgument: '-c :' },
  { shell: 'ksh', format: 'sh', load: posix },
  { shell: 'mksh', format: 'sh', load: posix, versionArgument: '-c :' },
  { shell: 'fish', format: 'fish', load: (command) => `${command} | source; ` },
]

let emulator: Emulator
let home: TestHome
let path: string
beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  home = makeHome('a home "with" $everything')
  path = putOnPath(home)
})
afterAll(async () => {
  await emulator.close()
  home.remove()
})

describe.each(shells)('$shell', ({ shell, format, load, versionArgument }) => {
  const isMissing = !hasProgram(shell, versionArgument)

  /** The environment of a program that the shell starts after it has loaded what a command prints. */
  const valuesAfter = (command: string, names: readonly string[], env: Record<string, string> = {}) => {
    const run = startShell(shell, ['-c'], home.path, { prelude: load(command), env })
    expect(run.stderr).toBe('')
    return names.map((name) => run.environment.get(name)?.toString('utf8'))
  }
  const valuesOfProgram = (arguments_: string, names: readonly string[] = NAMES) =>
    valuesAfter(`acs-env env ${arguments_}`, names, { PATH: path, SHELL: `/usr/bin/${shell}` })

  it.skipIf(isMissing)('takes any text, byte for byte', () => {
    const statements = join(dirname(home.path), `statements-${shell}`)
    fc.assert(
      fc.property(fc.array(hostileText, { minLength: 60, maxLength: 120 }), (values) => {
        const names = values.map((_, index) => `VALUE_${index}`)
        const assignments = values.map((value, index) => ({ name: `VALUE_${index}`, value: new Secret(value) }))
        writeFileSync(statements, formatNamed(format)(assignments))
        expect(valuesAfter('cat "$STATEMENTS"', names, { STATEMENTS: statements })).toEqual(values)
      }),
      { numRuns: 4 },
    )
  })

  it.skipIf(isMissing)('takes what the program prints for the shell at hand, byte for byte', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (connectionString, accessToken) => {
        storeValues(home, { connectionString, accessToken, furtherNames: ['ACS_CONNECTION_STRING'] })
        const values = valuesOfProgram('', [...NAMES, 'ACS_CONNECTION_STRING'])
        expect(values).toEqual([connectionString, accessToken, connectionString])
      }),
      { numRuns: 4 },
    )
  })

  it.skipIf(isMissing)('takes a real connection string and token, with the format named', async () => {
    const args = [
      'setup',
      '--no-verify',
      '--connection-string',
      emulator.connectionString,
      '--as',
      'ACS_CONNECTION_STRING',
    ]
    expect((await runInWorld(args, home.path)).exitCode).toBe(0)
    const token = home.read('.config/acs-env/access-token')
    const values = valuesOfProgram(`--format ${format}`, [...NAMES, 'ACS_CONNECTION_STRING'])
    expect(values).toEqual([emulator.connectionString, token, emulator.connectionString])
  })
})
