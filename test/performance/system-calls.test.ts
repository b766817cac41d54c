import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmulator, type Emulator } from '../../src/emulator/server.ts'
import { makeHome } from '../support/homes/home.ts'
import { BUILT, runBuilt } from '../support/programs/built.ts'
import { hasProgram } from '../support/programs/requirements.ts'

/** Waiting for V8's threads, and memory: more of them on a busy machine, up to hundreds. */
const CHANCE = /^(?:futex|sched_yield|madvise|mmap|munmap|mprotect)\(/

interface Limits {
  readonly args: readonly string[]
  /** Calls of the program's own thread, besides those that Node makes to run nothing. */
  readonly mostCalls: number
  /** Chunks of the bundle, and files below the home, each time they are opened. */
  readonly mostChunks: number
  readonly mostFiles: number
}

const COMMANDS: Readonly<Record<string, Limits>> = {
  'a refresh with nothing to do': {
    args: ['refresh', '--if-expires-within', '1h'],
    mostCalls: 165,
    mostChunks: 6,
    mostFiles: 6,
  },
  token: { args: ['token'], mostCalls: 180, mostChunks: 7, mostFiles: 6 },
  status: { args: ['status'], mostCalls: 285, mostChunks: 7, mostFiles: 10 },
  // How many depends on the descriptors that come with it.
  exec: { args: ['exec', '--', 'true'], mostCalls: 450, mostChunks: 12, mostFiles: 6 },
}
/** Where a profile is there already, and nothing is stored yet. */
const SETUP: Limits = {
  args: ['setup', '--yes', '--no-verify', '--connection-string-stdin'],
  mostCalls: 1550,
  mostChunks: 17,
  mostFiles: 52,
}

const ENV = { SHELL: '/bin/bash' }

interface Calls {
  readonly ofMainThread: readonly string[]
  readonly all: readonly string[]
}

describe.runIf(process.platform === 'linux' && hasProgram('strace', '-V'))('what runs every day', () => {
  const home = makeHome()
  let emulator: Emulator
  let ofNode: number

  beforeAll(async () => {
    emulator = await startEmulator({ port: 0 })
    const stored = await runBuilt(SETUP.args, { home: home.path, env: ENV, input: emulator.connectionString })
    expect(stored).toMatchObject({ exitCode: 0 })
    ofNode = own(await systemCallsOf('-e', ['0']))
  })
  afterAll(async () => {
    await emulator.close()
    home.remove()
  })

  it.each(Object.entries(COMMANDS))('%s makes few calls, and opens few files', async (_, limits) => {
    expectWithin(limits, await systemCallsOf(BUILT, limits.args))
  })

  it('status does not read profiles that are as they were when new shells were seen to have the values', async () => {
    const looked = makeHome()
    try {
      const args = SETUP.args.filter((arg) => arg !== '--no-verify')
      const stored = await runBuilt(args, { home: looked.path, env: ENV, input: emulator.connectionString })
      expect(stored).toMatchObject({ exitCode: 0 })
      const limits = { args: ['status'], mostCalls: 275, mostChunks: 6, mostFiles: 8 }
      expectWithin(limits, await systemCallsOf(BUILT, limits.args, looked), looked)
    } finally {
      looked.remove()
    }
  })

  it('a setup makes few calls, and opens few files', async () => {
    const empty = makeHome()
    try {
      empty.write('.bash_profile', 'export EDITOR=vi\n')
      expectWithin(SETUP, await systemCallsOf(BUILT, SETUP.args, empty, emulator.connectionString), empty)
    } finally {
      empty.remove()
    }
  })

  it.each(['a refresh with nothing to do', 'token', 'status'])(
    '%s starts no other program, opens no connection and writes nothing to disk',
    async (name) => {
      const { all } = await systemCallsOf(BUILT, COMMANDS[name]?.args ?? [])
      expect(all.filter((call) => call.startsWith('execve('))).toHaveLength(1)
      // The C library asks a cache on this computer for the account, if there is one.
      const changes = all.filter((call) => /^(?:connect|fsync|rename\w*|mkdir\w*)\(/.test(call))
      expect(changes.filter((call) => !call.includes('nscd'))).toEqual([])
      expect(all.filter((call) => /^open\w*\(.*O_(?:WRONLY|CREAT)/.test(call))).toEqual([])
    },
  )

  function expectWithin({ args, mostCalls, mostChunks, mostFiles }: Limits, calls: Calls, place = home): void {
    const added = own(calls) - ofNode
    const chunks = opened(`${dirname(BUILT)}/`, calls)
    const files = opened(`${place.path}/`, calls)
    console.log(`${args[0]}: ${added} system calls added, ${chunks} chunks and ${files} files below the home opened`)
    for (const [count, most] of [
      [added, mostCalls],
      [chunks, mostChunks],
      [files, mostFiles],
    ] as const) {
      expect(count).toBeGreaterThan(0)
      expect(count).toBeLessThanOrEqual(most)
    }
  }

  /** The system calls, as strace writes them, of Node with this script. */
  async function systemCallsOf(script: string, args: readonly string[], place = home, input = ''): Promise<Calls> {
    const directory = mkdtempSync(join(tmpdir(), 'acs-env-trace-'))
    try {
      // A file for each thread: in one for all of them a call may be written in two pieces.
      const under = ['strace', '-ff', '-qq', '-o', join(directory, 'of')]
      expect(await runBuilt(args, { script, under, env: ENV, home: place.path, input })).toMatchObject({ exitCode: 0 })
      const threads = readdirSync(directory).map((name) =>
        readFileSync(join(directory, name), 'utf8')
          .split('\n')
          .filter((line) => /^\w+\(/.test(line)),
      )
      const ofMainThread = threads.find(([first]) => first?.startsWith('execve('))
      return { ofMainThread: ofMainThread ?? [], all: threads.flat() }
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
})

function own({ ofMainThread }: Calls): number {
  return ofMainThread.filter((call) => !CHANCE.test(call)).length
}

function opened(below: string, { all }: Calls): number {
  return all.filter((call) => call.startsWith('open') && call.includes(`"${below}`) && !call.includes(' ENOENT '))
    .length
}
