import { spawnSync } from 'node:child_process'
import { chmodSync, linkSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sweepTemporaries } from '../../src/files/change/replace.ts'
import { readFileState } from '../../src/files/read.ts'
import { makeHome, type TestHome } from '../../test/support/homes/home.ts'
import { prepareAttempts } from '../../test/support/programs/attempt-as.ts'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { runCampaign } from '../support/campaign.ts'

const SCRIPT = 'const [, file, ...args] = process.argv; require(file).replace(...args)'
const LINE = 'export SOMETHING=1 # as long as lines are\n'

/** A file before the write, and its new contents. */
interface Change {
  readonly old: string
  readonly new: string
  readonly oldMode: number
  /** Undefined keeps it. */
  readonly mode: number | undefined
  readonly rewrite: 'rename' | 'in-place'
  readonly secondName: boolean
}

interface Call {
  readonly name: string
  readonly number: number
}

interface Case {
  readonly change: Change
  readonly call: Call
  /** Which of the calls of the change it is. */
  readonly index: number
}

/** Node makes a call more or fewer now and then, in the thread in which they are counted: then they are counted anew. */
const ATTEMPTS = 3

const texts = [
  ['mine\n', `mine\n${LINE}`],
  [`${LINE}mine\n`, 'mine\n'],
  [LINE.repeat(300), `${LINE.repeat(150)}block\n${LINE.repeat(150)}`],
  [`${LINE.repeat(150)}block\n${LINE.repeat(150)}`, LINE.repeat(300)],
] as const
const modes = [
  [0o644, undefined],
  [0o640, 0o600],
  [0o600, 0o644],
] as const
const CHANGES: readonly Change[] = texts.flatMap(([before, after], index) =>
  modes.map(([oldMode, mode], second): Change => ({
    old: before,
    new: after,
    oldMode,
    mode,
    // Each reason with each kind of change, every other time.
    rewrite: (index + second) % 2 === 0 ? 'in-place' : 'rename',
    secondName: (index + second) % 2 === 1,
  })),
)

let attempts: Awaited<ReturnType<typeof prepareAttempts>>
beforeAll(async () => {
  attempts = await prepareAttempts()
})
afterAll(() => attempts.remove())

interface Traced {
  readonly lines: readonly string[]
  readonly isKilled: boolean
}

/** Does a change under strace, with a home of its own. */
function traced(home: TestHome, change: Change, kill?: Call): Traced {
  const path = home.write('.bashrc', change.old)
  chmodSync(path, change.oldMode)
  if (change.secondName) linkSync(path, join(home.path, '..', 'second-name'))
  const mode = change.mode === undefined ? '' : String(change.mode)
  const injected = kill === undefined ? [] : ['-e', `inject=${kill.name}:signal=KILL:when=${kill.number}`]
  const output = join(home.path, '..', 'trace')
  const options = ['-f', '-qq', '-e', 'signal=none', '-o', output, '-e', `trace=${kill?.name ?? '%file,%desc'}`]
  const args = ['-e', SCRIPT, attempts.file, path, change.new, mode, change.rewrite]
  // It ends as the process does that it watches.
  const { signal } = spawnSync('strace', [...options, ...injected, process.execPath, ...args])
  return { lines: readFileSync(output, 'utf8').split('\n'), isKilled: signal === 'SIGKILL' }
}

/** The calls from the temporary file's creation on, by which the file is changed. */
function callsOf({ lines }: Traced): readonly Call[] {
  const counts = new Map<string, number>()
  let begun = false
  return lines.flatMap((line): readonly Call[] => {
    const [, thread, name] = /^(\d+) +(\w+)\(/.exec(line) ?? []
    if (thread === undefined || name === undefined) return []
    // strace counts the calls of each thread for itself, and Node has threads that open files when they like.
    const key = `${thread} ${name}`
    const number = (counts.get(key) ?? 0) + 1
    counts.set(key, number)
    begun ||= line.includes('.acs-env-') && line.includes('O_CREAT')
    const changes = /^(?:openat|fchmod|fchown|pwrite64|ftruncate|fsync|rename|unlink)$/.test(name)
    return begun && changes ? [{ name, number }] : []
  })
}

async function withHome<Result>(work: (home: TestHome) => Result): Promise<Result> {
  const home = makeHome()
  try {
    return work(home)
  } finally {
    home.remove()
  }
}

function judge(home: TestHome, { old, new: wanted, oldMode, mode = oldMode, secondName }: Change): readonly string[] {
  const path = join(home.path, '.bashrc')
  const wrong: string[] = []
  const check = (when: string, text: string | undefined): void => {
    if (text !== old && text !== wanted) wrong.push(`${when} it is neither old nor new: ${JSON.stringify(text)}`)
    const now = statSync(path).mode & 0o777
    // The old contents in the old file may be read by those who could before.
    if ((now & ~(text === wanted ? mode : oldMode)) !== 0) wrong.push(`${when} its mode is ${now.toString(8)}`)
  }
  check('before it is completed', readFileState(path).bytes?.toString())
  sweepTemporaries([path])
  check('afterwards', readFileSync(path, 'utf8'))
  if (secondName && statSync(join(home.path, '..', 'second-name')).ino !== statSync(path).ino) wrong.push('a new file')
  if (readdirSync(home.path).length !== 1) wrong.push(`left over: ${home.list().join()}`)
  return wrong
}

describe.skipIf(!hasProgram('strace', '-V'))('a file that is written in place', () => {
  it('is the old or the new one after kill -9 at each call', async () => {
    const cases: Case[] = []
    for (const change of CHANGES) {
      const calls = await withHome((home) => callsOf(traced(home, change)))
      expect(calls.length).toBeGreaterThan(8)
      cases.push(...calls.map((call, index): Case => ({ change, call, index })))
    }
    await expect(
      runCampaign('faults, kill -9 while a file is written in place', cases, {
        describe: ({ change, call }) =>
          `${call.name} ${call.number}, ${change.old.length} to ${change.new.length} bytes, mode ${change.oldMode.toString(8)} to ${change.mode?.toString(8) ?? 'the same'}, ${change.rewrite}`,
        run: async ({ change, call, index }) => {
          for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
            const again = attempt === 0 ? call : (await withHome((home) => callsOf(traced(home, change))))[index]
            const wrong = await withHome((home) => {
              const { isKilled } = traced(home, change, again)
              return isKilled ? judge(home, change) : undefined
            })
            if (wrong !== undefined) return wrong
          }
          return ['it was not killed']
        },
      }),
    ).resolves.toBeUndefined()
  })
})
