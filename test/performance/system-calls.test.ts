import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUILT, cleanEnvironment } from '../support/built.ts'
import { makeHome } from '../support/home.ts'
import { hasProgram } from '../support/requirements.ts'
import { storeGoodPair } from '../support/stored-values.ts'

/** What a refresh with nothing to do may make besides what Node makes to run nothing; its threads make a few more or less. */
const MOST_CALLS_ADDED = 210
/** Chunks of the bundle, and files of the store, each time they are opened. */
const MOST_CHUNKS_OPENED = 3
const MOST_STORE_FILES_OPENED = 7

const REFRESH = [BUILT, 'refresh', '--if-expires-within', '1h']

describe.runIf(process.platform === 'linux' && hasProgram('strace', '-V'))('a refresh with nothing to do', () => {
  const home = makeHome()
  let calls: readonly string[]

  beforeAll(() => {
    storeGoodPair(home)
    calls = systemCallsOf(REFRESH)
  })
  afterAll(() => home.remove())

  it('makes few system calls more than Node itself', () => {
    const added = calls.length - systemCallsOf(['-e', '0']).length
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
    expect(calls.filter((call) => call.startsWith('execve('))).toHaveLength(1)
    expect(calls.filter((call) => /^(?:connect|fsync|rename\w*|mkdir\w*)\(/.test(call))).toEqual([])
    expect(calls.filter((call) => /^open\w*\(.*O_(?:WRONLY|CREAT)/.test(call))).toEqual([])
  })

  function opened(below: string): readonly string[] {
    return calls.filter((call) => call.startsWith('open') && call.includes(`"${below}`) && !call.includes(' ENOENT '))
  }

  /** Every system call, as strace writes it, of Node with these arguments and of all its threads. */
  function systemCallsOf(args: readonly string[]): readonly string[] {
    const trace = join(home.path, 'trace')
    const result = spawnSync('strace', ['-f', '-qq', '-o', trace, process.execPath, ...args], {
      env: cleanEnvironment(home.path),
      encoding: 'utf8',
    })
    expect(result).toMatchObject({ status: 0 })
    return readFileSync(trace, 'utf8')
      .split('\n')
      .flatMap((line) => /^\d+\s+(\w+\(.*)$/.exec(line)?.[1] ?? [])
  }
})
