import { CliError, systemCode } from '../errors.ts'
import { Secret } from '../secret.ts'
import { builtin } from './builtin.ts'
import { currentDirectory } from './current-directory.ts'
import { ownCommand } from './own-command.ts'
import type { Environment, ForegroundResult, RunOptions, RunResult, System } from './system.ts'

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** For a program that was ended: what it said last may still be on its way. */
const PIPES_GRACE_MS = 300

/** Errors are results, and nothing is logged, not even with NODE_DEBUG: both would show arguments. */
const QUIET = { reject: false, verbose: 'none' } as const

/** The real system: this process, its environment and its clock. */
export function createSystem(): System {
  const env = lookedUp(withoutEmpty(process.env))
  const scriptPath = process.argv[1] ?? ''
  return {
    platform: process.platform,
    env,
    inheritedEnv: process.env,
    get workingDirectory() {
      return workingDirectory()
    },
    get temporaryDirectory() {
      return builtin('node:os').tmpdir()
    },
    self: {
      nodePath: process.execPath,
      scriptPath,
      command: ownCommand({ env, scriptPath, workingDirectory: currentDirectory }),
    },
    nodeVersion: process.versions.node,
    processId: process.pid,
    parentProcessId: process.ppid,
    userId: process.geteuid?.(),
    get startedAt() {
      return new Date(Date.now() - elapsedMs())
    },
    now: () => new Date(),
    elapsedMs,
    accountShell,
    // On macOS it is there for single-user mode, and otherwise not read.
    accountsFile: process.platform === 'linux' ? '/etc/passwd' : undefined,
    run,
    runForeground: foreground,
    // What hardly any run needs is loaded where it is called.
    inheritedDescriptors: async () => (await import('./inherited-descriptors.ts')).inheritedDescriptors(),
    runInSession: async (...session) => (await import('./session.ts')).runInSession(...session),
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
  const { input, timeoutMs, env, shell, interactive, workingDirectory: directory, signal } = options
  const path = shell ? program : await pathOfOurOwn(program)
  if (path === undefined) return { kind: 'not-started', code: 'ENOENT' }
  const child = execa(path, args, {
    ...QUIET,
    windowsHide: true,
    stripFinalNewline: false,
    ...(input === undefined ? { stdin: interactive ? 'inherit' : 'ignore' } : { input: contentsOf(input) }),
    ...(interactive && { stderr: 'inherit' }),
    ...(timeoutMs !== undefined && { timeout: timeoutMs, forceKillAfterDelay: 1000 }),
    ...(env !== undefined && { env, extendEnv: false }),
    ...(shell && { shell: await shellOfTheSystem() }),
    cwd: directory ?? currentDirectory(),
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

/** On Windows a bare name would be looked for in the current directory first: it may hold anything. */
async function pathOfOurOwn(program: string): Promise<string | undefined> {
  if (process.platform !== 'win32' || /[\\/]/.test(program)) return program
  const { findOnWindows } = await import('./windows-command.ts')
  return findOnWindows(program, process.env, { elsewhere: true })
}

async function shellOfTheSystem(): Promise<string | true> {
  if (process.platform !== 'win32') return true
  const { commandProcessor } = await import('./windows-environment.ts')
  return commandProcessor(process.env)
}

async function foreground(...command: Parameters<System['runForeground']>): Promise<ForegroundResult> {
  const { runForeground } = await import('./foreground.ts')
  const result = await runForeground(...command)
  // Where the directory is gone, that is why.
  if (result.kind === 'not-started') workingDirectory()
  return result
}

function contentsOf(input: Secret | string | Buffer): string | Buffer {
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
