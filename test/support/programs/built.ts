import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'

/** The built bundle, as it is shipped. */
export const BUILT = resolve(import.meta.dirname, '../../../dist/cli.cjs')

export interface BuiltRun {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly elapsedMs: number
}

export interface BuiltOptions {
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
  /** Given to standard input, which is closed and empty otherwise: never a terminal. */
  readonly input?: string
  readonly workingDirectory?: string
  readonly nodePath?: string
  /** A program, and its arguments, that starts Node in its turn: `strace` for one. */
  readonly under?: readonly string[]
  /** Another copy of the bundle. */
  readonly script?: string
  /** Runs as this user, which only root can ask for. */
  readonly userId?: number
  readonly signal?: AbortSignal
  /** What `signal` ends the program with. */
  readonly killSignal?: NodeJS.Signals
  /** Sends this to the program so long after its start, if it still runs. */
  readonly sends?: { readonly signal: NodeJS.Signals; readonly afterMs: number } | undefined
  /** Sends this to the program once `when`, which gets all of standard error so far, says so. */
  readonly interrupts?: { readonly signal: NodeJS.Signals; readonly when: (stderr: string) => boolean }
}

/** An environment with nothing of the developer's in it. */
export function cleanEnvironment(
  home: string | undefined,
  env: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    ...(home !== undefined && { HOME: home, TMPDIR: process.env.TMPDIR ?? '/tmp' }),
    LANG: 'C.UTF-8',
    ...env,
  }
}

/** Runs the built program to its end. */
export function runBuilt(args: readonly string[], options: BuiltOptions = {}): Promise<BuiltRun> {
  const started = performance.now()
  const node = [options.nodePath ?? process.execPath, options.script ?? BUILT, ...args]
  const [program = '', ...rest] = [...(options.under ?? []), ...node]
  const child = spawn(program, rest, {
    env: cleanEnvironment(options.home, options.env),
    cwd: options.workingDirectory ?? options.home ?? join(import.meta.dirname),
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.signal !== undefined && { signal: options.signal, killSignal: options.killSignal ?? 'SIGTERM' }),
    ...(options.userId !== undefined && { uid: options.userId, gid: options.userId }),
  })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  const { sends } = options
  const timer = sends && setTimeout(() => child.kill(sends.signal), sends.afterMs)
  child.once('close', () => clearTimeout(timer))
  const watch = setInterval(() => {
    if (options.interrupts?.when(output.stderr) !== true) return
    child.kill(options.interrupts.signal)
    clearInterval(watch)
  }, 20)
  child.once('close', () => clearInterval(watch))
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  return new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) =>
      settle({ exitCode, signal, ...output, elapsedMs: performance.now() - started }),
    )
  })
}

/** Of a start, a request and the writing of files, each takes a busy machine as long as a start takes it now. */
const STARTS_IN_A_RUN = 4

/** How long a run took, without what a machine that is busy just now adds to it. */
export async function unhurriedMs({ elapsedMs }: BuiltRun, limitMs: number): Promise<number> {
  if (elapsedMs < limitMs) return elapsedMs
  const start = await runBuilt(['--version'])
  return elapsedMs - STARTS_IN_A_RUN * start.elapsedMs
}
