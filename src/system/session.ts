import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync, readdirSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { systemCode } from '../errors.ts'
import { builtin } from './builtin.ts'
import { readProc } from './proc.ts'
import { markProcess, readMark } from './process-mark.ts'
import type { Environment } from './system.ts'

export interface SessionOptions {
  /** The whole environment of the program. */
  readonly env: Environment
  readonly workingDirectory: string
  /** What the program is called by, where that tells it how to behave: `-zsh` is a login shell. */
  readonly calledAs?: string
  /** A file that it finds on standard input, which is empty otherwise. */
  readonly inputFile?: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** Where to listen to it; what it writes elsewhere is lost. */
  readonly listenOn?: readonly Listening[]
}

/** A pipe to the program: 2 is its standard error. The first bytes are kept, the rest is read and dropped. */
interface Listening {
  readonly descriptor: number
  readonly maxBytes: number
}

/** How a program in a session of its own ended, and what was heard, in the order of `listenOn`. */
export type SessionResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly heard: readonly Buffer[] }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals; readonly heard: readonly Buffer[] }
  | { readonly kind: 'timed-out'; readonly heard: readonly Buffer[] }
  | { readonly kind: 'not-started'; readonly code: string | undefined }

/**
 * Runs a program as the leader of a session of its own, and ends everything that is left of the session.
 *
 * Without a controlling terminal nothing in it can take the user's keys from `/dev/tty`, change the terminal's mode, or be
 * stopped by SIGTTOU when we run in the background. It waits for the program's exit and not for its pipes to close: a
 * daemon that a start-up file began would hold those open. Aborting the signal, or the time limit, ends all of it with
 * SIGKILL, which no trap can ignore. On Linux what went into a session of its own, as agents do, is ended too: nobody
 * else knows of it yet. Never throws.
 */
export async function runInSession(
  program: string,
  args: readonly string[],
  { env, workingDirectory, calledAs, inputFile, timeoutMs, signal, listenOn = [] }: SessionOptions,
): Promise<SessionResult> {
  // execa can end a process, but not its group.
  const { spawn } = builtin('node:child_process')
  const input = inputFile === undefined ? undefined : openSync(inputFile, 'r')
  const name = `${process.pid}-${process.hrtime.bigint()}`
  const stdio: ('ignore' | 'pipe' | number)[] = [input ?? 'ignore', 'ignore', 'ignore']
  for (const { descriptor } of listenOn) {
    while (stdio.length < descriptor) stdio.push('ignore')
    stdio[descriptor] = 'pipe'
  }
  let child: ChildProcess
  try {
    child = spawn(program, [...args], {
      detached: true,
      cwd: workingDirectory,
      env: { ...env, [SESSION_VARIABLE]: name },
      stdio,
      ...(calledAs !== undefined && { argv0: calledAs }),
    })
  } catch (error) {
    return { kind: 'not-started', code: systemCode(error) }
  } finally {
    if (input !== undefined) closeSync(input)
  }
  const mark = child.pid === undefined ? undefined : markProcess(child.pid)
  return await waitFor(child, { name, mark }, { timeoutMs, signal, listenOn })
}

/** Every process of a session has its name in the environment, also one that has left the group. */
const SESSION_VARIABLE = 'ACS_ENV_SESSION'

/** What tells a process of a session from others. */
interface Belonging {
  readonly name: string
  /** For one whose environment cannot be read, or is empty. */
  readonly mark: number | undefined
}

/** In which nothing more was heard. */
const PIPES_GRACE_MS = 100
const PIPES_GRACE_ROUNDS = 6
/** For the end of what was killed, and for what it had written before. */
const END_GRACE_MS = 800

function waitFor(
  child: ChildProcess,
  belonging: Belonging,
  { timeoutMs, signal, listenOn }: { timeoutMs: number; signal: AbortSignal; listenOn: readonly Listening[] },
): Promise<SessionResult> {
  return new Promise((resolve) => {
    const listeners = listenOn.map((listening) => listen(child, listening))
    let isLate = false
    const end = (): void => {
      if (child.pid !== undefined) endGroup(child.pid)
    }
    const heard = (): readonly Buffer[] => listeners.map(({ bytes }) => bytes())
    let grace: NodeJS.Timeout | undefined
    const timer = setTimeout(() => {
      isLate = true
      end()
      // What waits for a disk that does not answer cannot be ended.
      grace = setTimeout(() => settle({ kind: 'timed-out', heard: heard() }), END_GRACE_MS)
    }, timeoutMs)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()

    const settle = (result: SessionResult): void => {
      clearTimeout(timer)
      clearTimeout(grace)
      child.unref()
      signal.removeEventListener('abort', end)
      for (const { close } of listeners) close()
      resolve(result)
    }
    child.once('error', (error) => settle({ kind: 'not-started', code: systemCode(error) }))
    child.once('exit', (exitCode, endedBy) => {
      if (child.pid !== undefined) endSession(child.pid, belonging)
      void readToEnd(listeners).then(() => {
        if (isLate) settle({ kind: 'timed-out', heard: heard() })
        else if (endedBy !== null) settle({ kind: 'killed', signal: endedBy, heard: heard() })
        else settle({ kind: 'exited', exitCode: exitCode ?? 0, heard: heard() })
      })
    })
  })
}

/** Waits for what was written before the end, but not for what has left the session and holds a pipe open. */
async function readToEnd(listeners: readonly Listener[]): Promise<void> {
  const ended = Promise.all(listeners.map((listener) => listener.ended)).then(() => true)
  const count = (): number => listeners.reduce((sum, { count }) => sum + count(), 0)
  for (let round = 0; round < PIPES_GRACE_ROUNDS; round += 1) {
    const before = count()
    const isOver = await Promise.race([ended, delay(PIPES_GRACE_MS).then(() => false)])
    if (isOver || (round > 0 && before === count())) return
  }
}

interface Listener {
  /** Resolves when nobody can write any more. */
  readonly ended: Promise<void>
  /** Of the bytes that came. */
  readonly count: () => number
  readonly bytes: () => Buffer
  readonly close: () => void
}

function listen(child: ChildProcess, { descriptor, maxBytes }: Listening): Listener {
  const stream = child.stdio[descriptor] as Readable
  const kept: Buffer[] = []
  let heardBytes = 0
  stream.on('data', (chunk: Buffer) => {
    // The rest is read too: a full pipe would hold the program up.
    if (heardBytes < maxBytes) kept.push(chunk.subarray(0, maxBytes - heardBytes))
    heardBytes += chunk.length
  })
  stream.on('error', () => undefined)
  const ended = new Promise<void>((resolve) => stream.once('close', () => resolve()))
  return { ended, count: () => heardBytes, bytes: () => Buffer.concat(kept), close: () => stream.destroy() }
}

function delay(durationMs: number): Promise<void> {
  // After the timer what can be read is read: it may be late because the process had no time to read either.
  return new Promise((resolve) => setTimeout(() => setImmediate(resolve), durationMs).unref())
}

/**
 * Ends the process group of the leader, whose id is the group's as long as anything in it lives, and on Linux also what
 * `set -m` has put into groups of their own in the same session, and what left for another session.
 */
function endSession(leader: number, belonging: Belonging): void {
  endGroup(leader)
  for (let round = 0; round < LEFT_ROUNDS; round += 1) {
    const left = processesLeft(leader, belonging)
    for (const processId of left) end(processId)
    if (left.length === 0) return
  }
}

/** A process may start another one while it is looked for. */
const LEFT_ROUNDS = 2

function endGroup(group: number): void {
  end(-group)
}

/** @param id of a process; negative, of a group */
function end(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch (error) {
    // Nothing of it is left; on macOS EPERM says the same of a group of zombies.
    if (!['ESRCH', 'EPERM'].includes(systemCode(error) ?? '')) throw error
  }
}

function processesLeft(session: number, { name, mark }: Belonging): readonly number[] {
  if (process.platform !== 'linux') return []
  const isLeft = (processId: number): boolean => {
    const stat = statOf(processId)
    if (stat.state === 'Z' || stat.state === 'X') return false
    if (stat.session === session) return true
    const environment = environmentOf(processId)
    if (environment.includes(`${SESSION_VARIABLE}=`)) return environment.includes(`${SESSION_VARIABLE}=${name}\0`)
    return mark !== undefined && readMark(processId) === mark
  }
  const [, last] = /(\d+)\s*$/.exec(readProc('loadavg')) ?? []
  // Ids are given in turn, so those below the leader's are of before, unless they began anew meanwhile.
  const lowest = Number(last) >= session ? session : 0
  return namesIn('/proc')
    .map(Number)
    .filter((processId) => processId > lowest && isLeft(processId))
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Behind the name, which may have spaces: state, parent, group, session. */
function statOf(processId: number): { readonly state: string | undefined; readonly session: number } {
  const stat = readProc(`${processId}/stat`)
  const [state, , , session] = stat.slice(stat.lastIndexOf(') ') + 2).split(' ', 4)
  return { state, session: Number(session) }
}

/** As the process was started with it; empty where it is somebody else's. */
function environmentOf(processId: number): string {
  return readProc(`${processId}/environ`)
}
