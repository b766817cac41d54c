import { readFileSync } from 'node:fs'
import { CliError, systemCode } from '../errors.ts'
import { Secret } from '../secret.ts'
import { builtin } from './builtin.ts'
import { isTerminal } from './streams.ts'
import type { Environment, ForegroundResult, RunOptions, RunResult, System } from './system.ts'

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/** What a program in our place is to get; SIGKILL and SIGSTOP cannot be passed on. */
const PASSED_ON = [...INTERRUPTIONS, 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH', 'SIGCONT'] as const

/** For a program that was ended: what it said last may still be on its way. */
const PIPES_GRACE_MS = 300

/** Errors are results, and nothing is logged, whatever NODE_DEBUG says: both would show arguments. */
const QUIET = { reject: false, verbose: 'none' } as const

/** The real system: this process, its environment and its clock. */
export function createSystem(): System {
  return {
    platform: process.platform,
    env: lookedUp(withoutEmpty(process.env)),
    inheritedEnv: process.env,
    get workingDirectory() {
      return workingDirectory()
    },
    get temporaryDirectory() {
      return builtin('node:os').tmpdir()
    },
    self: { nodePath: process.execPath, scriptPath: process.argv[1] ?? '' },
    processId: process.pid,
    userId: process.geteuid?.(),
    get startedAt() {
      return new Date(Date.now() - elapsedMs())
    },
    now: () => new Date(),
    elapsedMs,
    accountShell,
    run,
    runForeground,
    isAlive,
    interruptible,
  }
}

/** Not `performance`, which takes as long to load as a file of ours. */
function elapsedMs(): number {
  return process.uptime() * 1000
}

function workingDirectory(): string {
  try {
    return process.cwd()
  } catch {
    throw new CliError('The current directory does not exist any more.', {
      code: 'file',
      hint: 'change to another one',
    })
  }
}

/** For execa, which throws without one: where we are, or what is to stand for a directory that is gone. */
function currentDirectory(standIn: string): string {
  try {
    return process.cwd()
  } catch {
    return standIn
  }
}

/** On Windows the names of variables have no letter case: what was `SYSTEMROOT` is found as `SystemRoot`. */
function lookedUp(env: Environment): Environment {
  if (process.platform !== 'win32') return env
  const byUpperCase = new Map(Object.entries(env).map(([name, value]) => [name.toUpperCase(), value]))
  return new Proxy(env, {
    get: (target, name) => (typeof name === 'string' ? byUpperCase.get(name.toUpperCase()) : Reflect.get(target, name)),
  })
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
}

function accountShell(): string | undefined {
  try {
    return builtin('node:os').userInfo().shell ?? undefined
  } catch {
    // A user id without an account, as containers have it.
    return undefined
  }
}

async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  // Loaded here: it costs more than a whole run that starts no program.
  const { execa } = await import('execa')
  const { input, timeoutMs, env, shell, interactive, signal } = options
  const child = execa(program, args, {
    ...QUIET,
    windowsHide: true,
    stripFinalNewline: false,
    ...(input === undefined ? { stdin: interactive ? 'inherit' : 'ignore' } : { input: textOf(input) }),
    ...(interactive && { stderr: 'inherit' }),
    ...(timeoutMs !== undefined && { timeout: timeoutMs, forceKillAfterDelay: 1000 }),
    ...(env !== undefined && { env, extendEnv: false }),
    ...(shell && { shell: true }),
    cwd: currentDirectory('/'),
    ...(signal !== undefined && { cancelSignal: signal }),
  })
  child.once('exit', (_exitCode, endedBy) => {
    // What it started may live on and keep the pipes open; nobody waits for that.
    if (endedBy === null) return
    setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, PIPES_GRACE_MS)
  })
  // Only where our directory is gone does execa throw: explaining a failure, it asks for it again.
  const result = await child.catch(systemCode)
  if (typeof result !== 'object') return { kind: 'not-started', code: result }
  // Fields are picked one by one: the rest of the result repeats the arguments.
  if (result.timedOut) return { kind: 'timed-out' }
  if (result.signal !== undefined) return { kind: 'killed', signal: result.signal }
  if (result.exitCode === undefined) return { kind: 'not-started', code: result.code }
  return { kind: 'exited', exitCode: result.exitCode, stdout: result.stdout ?? '', stderr: result.stderr ?? '' }
}

async function runForeground(program: string, args: readonly string[], env: Environment): Promise<ForegroundResult> {
  const { execa } = await import('execa')
  const passOn = (signal: NodeJS.Signals): void => {
    // Ctrl+C in a terminal reaches the whole foreground group, the child too: once is enough.
    if (['SIGINT', 'SIGQUIT', 'SIGWINCH'].includes(signal) && isInForeground()) return
    child.kill(signal)
  }
  // Before the child is there: a signal right after its start would end us alone.
  for (const signal of PASSED_ON) process.on(signal, passOn)
  const child = execa(program, args, {
    ...QUIET,
    stdio: 'inherit',
    env,
    extendEnv: false,
    windowsHide: false,
    // It ends when it is ready to: what we pass on is not ours to follow up with SIGKILL.
    forceKillAfterDelay: false,
    cwd: currentDirectory('/proc/self/cwd'),
  })
  try {
    const { exitCode, signal, code } = await child
    if (signal !== undefined) return { kind: 'killed', signal: builtin('node:os').constants.signals[signal] }
    return exitCode === undefined ? { kind: 'not-started', code } : { kind: 'exited', exitCode }
  } catch (error) {
    // Here too execa asks for a directory that is gone.
    workingDirectory()
    throw error
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn)
  }
}

/** Whether what is pressed at a terminal comes to us, and so to what we have started too. */
function isInForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat').toString()
    // Behind the name, which may have spaces: state, parent, group, session, terminal, the terminal's foreground group.
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(') ') + 2).split(' ')
    return group === foreground
  } catch {
    // Elsewhere than on Linux nothing tells it without starting a program.
    return [0, 1, 2].some((descriptor) => isTerminal(descriptor))
  }
}

function textOf(input: Secret | string): string {
  return input instanceof Secret ? input.reveal() : input
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0)
  } catch (error) {
    // EPERM: it exists and belongs to somebody else.
    return systemCode(error) === 'EPERM'
  }
}

async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController()
  const interrupt = (): void => controller.abort()
  for (const name of INTERRUPTIONS) process.on(name, interrupt)
  try {
    return await work(controller.signal)
  } finally {
    // On Windows libuv aborts where a handler goes while a second Ctrl+C is on its way; we are about to end anyway.
    const mayFollow = process.platform === 'win32' && controller.signal.aborted
    for (const name of mayFollow ? [] : INTERRUPTIONS) process.off(name, interrupt)
  }
}
