import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { changes, startUpFilesIn, whileChanged } from '../support/homes/changes-behind-the-back.ts'
import { emulator } from '../support/homes/emulator-and-home.ts'
import {
  accounts,
  beginLife,
  OWN_ACCOUNT,
  startRunners,
  type Life,
  type LifeRun,
  type Runners,
} from '../support/homes/life-of-a-home.ts'
import { processesWith, type Account, type TerminalAnswer } from '../support/homes/new-terminal.ts'
import { makeGate } from '../support/programs/alone.ts'
import { hasProgram } from '../support/programs/requirements.ts'
import { startUpHomes } from './start-up-homes/index.ts'
import type { StartUpHome } from './start-up-homes/start-up-home.ts'

/** The look keeps its own limit, which is tested beside it; a busy machine takes several times as long for the rest. */
const LONGEST_SETUP_MS = 60_000
/** So many homes share one that sees the program as it is shipped. */
const BUNDLE_EVERY = 20
const PROMISE = /^New (?:terminals|login shells) have them/m

type Outcome = 'seen' | 'not-seen' | 'not-checked'
interface NewShell {
  readonly outcome: Outcome
  readonly changed_since: readonly string[]
}

/** Every home as the user who runs the tests; every third one as another account too, with `--json`. */
const lives = startUpHomes.flatMap((home, index) => [
  { home, index, account: OWN_ACCOUNT, asJson: false, title: `${home.shell}: ${home.name}` },
  ...(index % 3 === 0
    ? [
        {
          home,
          index,
          account: accounts.at(-1) ?? OWN_ACCOUNT,
          asJson: true,
          title: `${home.shell}: ${home.name}, --json`,
        },
      ]
    : []),
])

const isComplete = ['bash', 'zsh', 'fish', 'tmux', ...(process.getuid?.() === 0 ? ['setpriv'] : [])]
  .map((program) => hasProgram(program, program === 'tmux' ? '-V' : '--version'))
  .every(Boolean)
const hasKornShells = ['ksh', 'mksh'].map((program) => hasProgram(program)).every(Boolean)

let runners: Runners
beforeAll(async () => {
  runners = await startRunners()
})
afterAll(() => runners.remove())

/** A look gives up after ten seconds; beside others, on a busy machine, that may be too early. */
const gate = makeGate(3)
const TIMEOUT_MS = 5 * 60_000

describe.runIf(isComplete && hasKornShells)('setup says of new terminals what they have', { concurrent: true }, () => {
  it.for(lives.map((life) => [life.title, life] as const))(
    '%s',
    { timeout: TIMEOUT_MS, retry: process.env.CI ? 2 : 0 },
    async ([, life], { task }) => {
      const isTriedAgain = (task.result?.retryCount ?? 0) > 0
      await gate[isTriedAgain ? 'alone' : 'beside'](() => expectTruth(life))
    },
  )
})

async function expectTruth({
  home,
  index,
  account,
  asJson,
}: {
  readonly home: StartUpHome
  readonly index: number
  readonly account: Account
  readonly asJson: boolean
}): Promise<void> {
  const life = beginLife(home, account, runners, index % BUNDLE_EVERY === 0 ? 'bundle' : 'shared-process')
  try {
    const before = life.snapshot()
    const startedAt = performance.now()
    const setup = await life.run(
      [
        'setup',
        '--yes',
        '--connection-string-stdin',
        '--shell',
        home.shell,
        ...home.args,
        ...(asJson ? ['--json'] : []),
      ],
      emulator.connectionString,
    )
    const elapsedMs = performance.now() - startedAt
    await expectNothingLeftRunning(life)
    if (home.expects.kind === 'maybe-refused' && [1, 2].includes(setup.exitCode ?? 0)) {
      expect(life.snapshot()).toEqual(before)
      return
    }
    const { outcome } = asJson ? newShellIn(setup.stdout) : await newShellOf(life)
    const promises = asJson ? outcome === 'seen' : PROMISE.test(setup.stderr + setup.stdout)
    expect({ ...setup, outcome, promises }).toMatchObject({
      exitCode: outcome === 'not-seen' ? 3 : 0,
      promises: outcome === 'seen',
    })
    expect(elapsedMs).toBeLessThan(LONGEST_SETUP_MS)

    if (outcome === 'not-checked') {
      expect({ ...setup, ...home.expects }).toMatchObject({
        kind: expect.toBeOneOf(['maybe-not-looked-at', 'differs-at-terminal']),
      })
    } else {
      const terminals = await openTerminals(home, life)
      if (home.expects.kind !== 'differs-at-terminal') expectAgreement(home, life, setup, outcome, terminals)
    }
    await expectNoPromiseUnseen(home, life, outcome, index)

    const unset = await life.run(['unset', '--yes'])
    expect(unset).toMatchObject({ exitCode: 0 })
    expect(withoutLeftBehind(home, life.snapshot())).toEqual(before)
  } finally {
    life.home.remove()
  }
}

/** The ways in which terminals start the shell, and in each the prompt itself and the scripts that are started there. */
async function openTerminals(home: StartUpHome, life: Life): Promise<readonly TerminalAnswer[]> {
  // A plain POSIX shell that is no login shell reads no file, unless the session names one.
  const starts = home.shell === 'sh' ? (['login'] as const) : (['login', 'interactive'] as const)
  const questions = starts.flatMap((start) => ['', ...home.scripts].map((script) => ({ start, script })))
  return Promise.all(questions.map(({ start, script }) => life.open(start, script)))
}

function expectAgreement(
  { expects }: StartUpHome,
  life: Life,
  { stderr }: LifeRun,
  outcome: Exclude<Outcome, 'not-checked'>,
  terminals: readonly TerminalAnswer[],
): void {
  const haveBoth = terminals.every(
    (answer) => answer.kind === 'answered' && answer.connectionString === 'same' && answer.accessToken === 'same',
  )
  expect({ outcome, terminals, stderr }).toMatchObject({ outcome: haveBoth ? 'seen' : 'not-seen' })
  if (expects.kind === 'ready') expect({ outcome, terminals, stderr }).toMatchObject({ outcome: 'seen' })
  if (expects.kind === 'out-of-reach') {
    expect({ outcome, stderr }).toMatchObject({
      outcome: 'not-seen',
      stderr: expect.stringContaining(`~/${expects.file ?? '.'}`),
    })
    if (expects.file !== undefined && expects.line !== undefined) {
      expect(stderr).toMatch(new RegExp(`\\bline ${lineNumber(life, expects.file, expects.line)}\\b`))
    }
  } else if (outcome === 'not-seen') {
    expect(stderr).toMatch(/~\/\.\w/)
  }
}

/** Where the line is now: the block may stand above it. */
function lineNumber(life: Life, file: string, line: string): number {
  const lines = life.home.read(file).split('\n')
  expect(lines).toContain(line)
  return lines.indexOf(line) + 1
}

/** `status` promises what was seen, as long as none of the files has changed. */
async function expectNoPromiseUnseen(
  { shell }: StartUpHome,
  life: Life,
  outcome: Outcome,
  index: number,
): Promise<void> {
  expect(await promises(life)).toBe(outcome === 'seen')
  const files = startUpFilesIn(life.home.path, shell)
  expect(files).not.toEqual([])
  for (const [at, file] of files.entries()) {
    const change = changes[(index + at) % changes.length]
    if (change === undefined) throw new Error('There are no changes.')
    await whileChanged(change, file, async () => {
      const { changed_since } = await newShellOf(life)
      expect({ change: change.name, changed_since, promises: await promises(life) }).toEqual({
        change: change.name,
        changed_since: [file],
        promises: false,
      })
    })
  }
}

async function promises(life: Life): Promise<boolean> {
  const { stdout } = await life.run(['status'])
  return PROMISE.test(stdout)
}

/** What `status` repeats of the look. */
async function newShellOf(life: Life): Promise<NewShell> {
  const { stdout, stderr, exitCode } = await life.run(['status', '--json'])
  expect({ exitCode, stderr }).toMatchObject({ exitCode: expect.toBeOneOf([0, 3]) })
  return newShellIn(stdout)
}

function newShellIn(document: string): NewShell {
  return (JSON.parse(document) as { new_shell: NewShell }).new_shell
}

/** What a look started is over when `setup` is, also what went into a session of its own. */
async function expectNothingLeftRunning(life: Life): Promise<void> {
  const namesLeft = (): readonly string[] => processesWith(`HOME=${life.home.path}`).map(programOf)
  const deadline = performance.now() + 3_000
  // The kernel takes a moment to end what was killed.
  while (namesLeft().length > 0 && performance.now() < deadline) await setTimeout(50)
  expect(namesLeft()).toEqual([])
}

function programOf(processId: number): string {
  try {
    return readFileSync(join('/proc', String(processId), 'comm'), 'utf8').trim()
  } catch {
    return 'ended'
  }
}

/** What a shell makes in every home that it starts in. */
const MADE_BY_SHELLS = ['.config/fish', '.local', '.cache']

function withoutLeftBehind(
  { leavesBehind, files }: StartUpHome,
  snapshot: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const beginnings = [...MADE_BY_SHELLS, ...leavesBehind]
  return Object.fromEntries(
    Object.entries(snapshot).filter(
      ([name]) => name in files || !beginnings.some((beginning) => name.startsWith(beginning)),
    ),
  )
}
