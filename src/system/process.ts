import { tmpdir, userInfo } from 'node:os'
import { systemCode } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { Environment, RunOptions, RunResult, System } from './system.ts'

const INTERRUPTIONS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The real system: this process, its environment and its clock. */
export function createSystem(): System {
  return {
    platform: process.platform,
    env: withoutEmpty(process.env),
    workingDirectory: process.cwd(),
    temporaryDirectory: tmpdir(),
    self: { nodePath: process.execPath, scriptPath: process.argv[1] ?? '' },
    userId: process.geteuid?.(),
    processId: process.pid,
    now: () => new Date(),
    accountShell,
    run,
    isAlive,
    interruptible,
  }
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
}

function accountShell(): string | undefined {
  try {
    return userInfo().shell ?? undefined
  } catch {
    // A user id without an account, as containers have it.
    return undefined
  }
}

async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  // Loaded here: it costs more than a whole run that starts no program.
  const { execa } = await import('execa')
  const { input, timeoutMs, env, shell, interactive, workingDirectory } = options
  const result = await execa(program, args, {
    reject: false,
    windowsHide: true,
    stripFinalNewline: false,
    ...(input === undefined ? { stdin: interactive ? 'inherit' : 'ignore' } : { input: textOf(input) }),
    ...(interactive && { stderr: 'inherit' }),
    ...(timeoutMs !== undefined && { timeout: timeoutMs, forceKillAfterDelay: 1000 }),
    ...(env !== undefined && { env, extendEnv: false }),
    ...(shell && { shell: true }),
    ...(workingDirectory !== undefined && { cwd: workingDirectory }),
  })
  // Fields are picked one by one: the rest of the result repeats the arguments.
  if (result.timedOut) return { kind: 'timed-out' }
  if (result.signal !== undefined) return { kind: 'killed', signal: result.signal }
  if (result.exitCode === undefined) return { kind: 'not-started', code: result.code }
  return { kind: 'exited', exitCode: result.exitCode, stdout: result.stdout ?? '', stderr: result.stderr ?? '' }
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
    for (const name of INTERRUPTIONS) process.off(name, interrupt)
  }
}
