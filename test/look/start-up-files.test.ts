import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LookOutcome } from '../../src/look/outcome.ts'
import { readValuePosix } from '../../src/shells/posix-syntax.ts'
import { makeHome, readTree, type TestHome } from '../support/homes/home.ts'
import {
  buildLookProcesses,
  giveHome,
  type LookProcesses,
  processesAtHome,
  type RunAs,
} from '../support/homes/look-process.ts'
import type { LookCase } from '../support/homes/look-runner.ts'
import { type Expectation, startUpFiles, TESTED_SHELLS, type TestedShell } from '../support/homes/start-up-files.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const VALUE = 'a-value-that-nobody-is-to-see=='
const TIMEOUT_MS = 20_000
/** For those that would not end: long enough for a shell on a busy machine to come so far. */
const SHORT_MS = 2_500

const FILES: Record<TestedShell, readonly string[]> = {
  bash: ['.bash_profile', '.bashrc'],
  zsh: ['.zshrc'],
  dash: ['.shrc'],
  ksh: ['.kshrc'],
  mksh: ['.mkshrc'],
}

const IS_ROOT = process.getuid?.() === 0

let processes: LookProcesses

beforeAll(async () => {
  processes = await buildLookProcesses()
})

afterAll(() => processes.remove())

describe.each(TESTED_SHELLS.filter((shell) => hasProgram(shell, '-c')))('%s', (shell) => {
  const users: readonly RunAs[] =
    IS_ROOT && (shell === 'bash' || shell === 'zsh') ? ['this user', 'a plain user'] : ['this user']

  it.each(users)('is seen as it is by %s, and left as it was', async (user) => {
    const cases = startUpFiles.flatMap((file) => {
      const expected = file.butIn?.[shell] ?? file.expected
      return expected === 'left out' ? [] : [{ ...file, expected, home: makeStartUpHome(shell, file.text) }]
    })
    for (const { home } of cases) giveHome(home.path, user)
    const before = cases.map(({ home }) => readTree(home.path))

    const asked = cases.map(({ home, expected }) => lookCase(shell, home, expected))
    // Those that are ended at their deadline have the machine to themselves, as it is the time that counts.
    const slowCases = asked.filter(({ timeoutMs }) => timeoutMs === SHORT_MS)
    const quickCases = asked.filter((one) => !slowCases.includes(one))
    const quick = await processes.run(quickCases, user)
    const slow = await processes.run(slowCases, user)
    const runs = new Map([...quickCases, ...slowCases].map(({ home }, index) => [home, [...quick, ...slow][index]]))

    const seen = cases.map(({ name, home }) => [
      name,
      ...(runs.get(home.path)?.looks ?? []).map(({ outcome }) => short(outcome)),
    ])
    expect(seen).toEqual(cases.map(({ name, expected }) => [name, expected, expected]))
    expect(cases.map(({ home }) => readTree(home.path))).toEqual(before)
    for (const { elapsedMs } of slow) expect(elapsedMs).toBeLessThan(SHORT_MS + 1_000)
    expect(JSON.stringify([...quick, ...slow])).not.toContain(VALUE.slice(0, 8))
    await expect.poll(() => cases.flatMap(({ home }) => processesAtHome(home.path))).toEqual([])
    for (const { home } of cases) home.remove()
  })
})

function makeStartUpHome(shell: TestedShell, text: string): TestHome {
  const home = makeHome()
  home.write('value', VALUE)
  for (const name of FILES[shell]) {
    home.write(name, `${text.replace('BLOCK', readValuePosix('ACS_VALUE', '~/value').join('\n'))}\n`)
  }
  return home
}

function lookCase(shell: TestedShell, { path }: TestHome, expected: Expectation): LookCase {
  return {
    home: path,
    program: shell,
    starts: ['login', 'interactive'],
    env: shell === 'dash' ? { ENV: `${path}/.shrc` } : {},
    expected: { ACS_VALUE: VALUE },
    files: [],
    timeoutMs: expected === 'too slow' ? SHORT_MS : TIMEOUT_MS,
  }
}

function short(outcome: LookOutcome): string {
  switch (outcome.kind) {
    case 'answered':
      return outcome.variables.map(({ state }) => state).join()
    case 'handed-over':
      return `to ${outcome.to}: ${outcome.variables.map(({ state }) => state).join()}`
    case 'ended':
      return `ended ${outcome.exitCode}`
    default:
      return outcome.kind.replaceAll(/could-not-look|too-slow/g, (kind) => kind.replaceAll('-', ' '))
  }
}
