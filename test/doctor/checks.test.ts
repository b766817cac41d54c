import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it } from 'vitest'
import { checksOn } from '../../src/doctor/checks/index.ts'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import {
  findingsOf,
  hasPieceOf,
  makeDoctorBench,
  setUpTemplate,
  type DoctorBench,
} from '../support/homes/doctor-bench.ts'
import type { TestHome } from '../support/homes/home.ts'
import type { DoctorCase } from './cases/doctor-case.ts'
import { environmentCases } from './cases/environment.ts'
import { networkCases } from './cases/network.ts'
import { secretsCases } from './cases/secrets.ts'
import { storeCases } from './cases/store.ts'
import { windowsCases } from './cases/windows.ts'

const cases: readonly DoctorCase[] = [
  ...storeCases,
  ...environmentCases,
  ...networkCases,
  ...secretsCases,
  ...windowsCases,
]

let emulator: Emulator
let template: TestHome
let bench: DoctorBench

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  template = await setUpTemplate(emulator.connectionString)
})
afterAll(async () => {
  template.remove()
  await emulator.close()
})
beforeEach(() => {
  bench = makeDoctorBench(emulator.connectionString, template)
})
afterEach(() => bench.remove())

it('finds nothing where nothing is wrong, in one line', async () => {
  bench.setUp()
  const { stdout, exitCode, document } = await bench.examine([])
  expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^✓ Everything is in order \(\d+ checks\)\.\n$/)])
  expect(document).toMatchObject({ healthy: true, problems: 0, warnings: 0 })
  expect(findingsOf(document)).toEqual([])
})

describe('finds, and says what to do', () => {
  it.each(cases.map((one) => [one.id, one.why, one] as const))('%s: %s', async (id, _why, one) => {
    if (one.setsUp !== 'afterwards') bench.setUp()
    const options = (await one.arrange(bench)) ?? {}
    if (one.setsUp === 'afterwards') bench.setUp('just now')

    const { document, stdout, json, exitCode } = await bench.examine(
      one.args ?? ['--no-shell', '--offline', '--verbose'],
      options,
    )

    const finding = findingsOf(document).find((result) => result.id === id && one.finds.test(result.message))
    expect(finding ?? document.checks).toMatchObject({ id, level: one.level ?? 'warning' })
    expect([exitCode, document.healthy]).toEqual(one.level === 'error' ? [3, false] : [0, true])
    if (one.line !== undefined) expect(finding?.where).toMatchObject({ line: one.line })
    const [, cure = ''] = stdout.split(`${finding?.message}\n`)
    if (one.cure !== undefined) expect(cure.split('\n')[0]?.trim()).toMatch(one.cure)
    // Both name the same, in the same order, and nothing of a secret.
    for (const { message } of findingsOf(document)) expect(stdout).toContain(message)
    expect(stdout.match(/^[✗!] /gm)).toHaveLength(document.problems + document.warnings)
    for (const secret of [bench.key, bench.token]) {
      expect([hasPieceOf(secret, stdout), hasPieceOf(secret, json)]).toEqual([false, false])
    }
  })
})

const EDITORS = ['environment.vscode', 'environment.vscode-remote', 'environment.jetbrains']

describe('takes no program for an editor by words in its arguments', () => {
  // What runs the tests of others has such lines, and a shell with "-c" has a whole script there.
  const scripts = [
    'sleep 600; : review the code of it',
    'sleep 600; : /usr/share/code/code --wait',
    'sleep 600; : /home/me/.vscode-server/bin/abc/node',
    'sleep 600; : a good idea or a studio /jbr/bin/java',
    'sleep 600; : /Applications/Cursor.app/Contents/MacOS/Cursor',
  ]
  it.each(scripts)('%s', async (script) => {
    const parentProcessId = await bench.startProgram('sh', {}, ['-c', script])
    bench.setUp('just now')
    // The tests may well run in an editor.
    const levels = async (parent: number): Promise<readonly string[]> => {
      const { document } = await bench.examine(['--no-shell', '--offline'], { parentProcessId: parent })
      return document.checks.filter(({ id }) => EDITORS.includes(id)).map(({ id, level }) => `${id} ${level}`)
    }
    expect(await levels(parentProcessId)).toEqual(await levels(process.pid))
  })
})

it('has a case for every check there is', () => {
  const platforms = ['linux', 'darwin', 'win32'] as const
  const ids = new Set(platforms.flatMap((platform) => checksOn(platform).map(({ id }) => id)))
  const covered = new Set(cases.map(({ id }) => id))
  expect([...ids].filter((id) => !covered.has(id))).toEqual([])
  expect([...covered].filter((id) => !ids.has(id))).toEqual([])
})

it('is described check by check', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/doctor.md'), 'utf8')
  const described = [...page.matchAll(/`([a-z]+\.[a-z-]+)`(?=[^|]* \|)/g)].map(([, id]) => id)
  const platforms = ['linux', 'darwin', 'win32'] as const
  expect(new Set(described)).toEqual(new Set(platforms.flatMap((platform) => checksOn(platform).map(({ id }) => id))))
})
