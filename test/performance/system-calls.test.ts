import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeHome } from '../support/homes/home.ts'
import { storeGoodPair } from '../support/homes/stored-values.ts'
import { BUILT, cleanEnvironment } from '../support/programs/built.ts'
import { hasProgram } from '../support/programs/requirements.ts'

/** What the program's own thread may make, in a refresh with nothing to do, besides what Node makes to run nothing. */
const MOST_CALLS_ADDED = 165
/** Waiting for V8's threads, and memory: more of them on a busy machine, up to hundreds. */
const CHANCE = /^(?:futex|sched_yield|madvise|mmap|munmap|mprotect)\(/
/** Chunks of the bundle, and files of the store, each time they are opened. */
const MOST_CHUNKS_OPENED = 6
const MOST_STORE_FILES_OPENED = 6

interface Calls {
  readonly ofMainThread: readonly string[]
  readonly all: readonly string[]
}

const REFRESH = [BUILT, 'refresh', '--if-expires-within', '1h']

describe.runIf(process.platform === 'linux' && hasProgram('strace', '-V'))('a refresh with nothing to do', () => {
  const home = makeHome()
  let calls: Calls

  beforeAll(() => {
    storeGoodPair(home)
    calls = systemCallsOf(REFRESH)
  })
  afterAll(() => home.remove())

  it('makes few system calls more than Node itself', () => {
    const own = ({ ofMainThread }: Calls): number => ofMainThread.filter((call) => !CHANCE.test(call)).length
    const added = own(calls) - own(systemCallsOf(['-e', '0']))
    console.log(`${added} system calls added`)
    expect(added).toBeGreaterThan(0)
    expect(added).toBeLessThanOrEqual(MOST_CALLS_ADDED)
  })

  it('opens few files', () => {
    const chunks = opened(`${dirname(BUILT)}/`)
    const stored = opened(`${home.path}/`)
    console.log(`${chunks.length} chunks and ${stored.length} files of the store opened`)
    expect(chunks.length).toBeGreaterThan(0)
    expect(chunks.length).toBeLessThanOrEqual(MOST_CHUNKS_OPENED)
    expect(stored.length).toBeGreaterThan(0)
    expect(stored.length).toBeLessThanOrEqual(MOST_STORE_FILES_OPENED)
  })

  it('starts no other program, opens no connection and writes nothing to disk', () => {
    expect(calls.all.filter((call) => call.startsWith('execve('))).toHaveLength(1)
    expect(calls.all.filter((call) => /^(?:connect|fsync|rename\w*|mkdir\w*)\(/.test(call))).toEqual([])
    expect(calls.all.filter((call) => /^open\w*\(.*O_(?:WRONLY|CREAT)/.test(call))).toEqual([])
  })

  function opened(below: string): readonly string[] {
    return calls.all.filter(
      (call) => call.startsWith('open') && call.includes(`"${below}`) && !call.includes(' ENOENT '),
    )
  }

  /** The system calls, as strace writes them, of Node with these arguments. */
  function systemCallsOf(args: readonly string[]): Calls {
    const directory = mkdtempSync(join(home.path, 'trace-'))
    // A file for each thread: in one for all of them a call may be written in two pieces.
    const result = spawnSync('strace', ['-ff', '-qq', '-o', join(directory, 'of'), process.execPath, ...args], {
      env: cleanEnvironment(home.path),
      encoding: 'utf8',
    })
    expect(result).toMatchObject({ status: 0 })
    const threads = readdirSync(directory).map((name) =>
      readFileSync(join(directory, name), 'utf8')
        .split('\n')
        .filter((line) => /^\w+\(/.test(line)),
    )
    const ofMainThread = threads.find(([first]) => first?.startsWith('execve('))
    return { ofMainThread: ofMainThread ?? [], all: threads.flat() }
  }
})
