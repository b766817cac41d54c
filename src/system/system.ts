import type { Secret } from '../secret.ts'
import type { runInSession } from './session.ts'

/** Environment variables; one that is empty counts as not set. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface RunOptions {
  /** Given to the program's standard input, which is empty otherwise. */
  readonly input?: Secret | string | Buffer
  readonly timeoutMs?: number
  /** The whole environment of the program; this process's own where absent. */
  readonly env?: Environment
  /** Run through the system's shell, for a command line that the user wrote. */
  readonly shell?: true
  /** Let the program talk to the user: its standard input and error are this process's own. */
  readonly interactive?: true
  /** Where it runs; here where absent. */
  readonly workingDirectory?: string
  /** Ends the program. */
  readonly signal?: AbortSignal
}

/** How a program ended. Holds no arguments: they may be secrets. */
export type RunResult =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'timed-out' }
  | { readonly kind: 'not-started'; readonly code: string | undefined }

/** How a program that took this one's place ended. `signal` is the number. */
export type ForegroundResult =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'killed'; readonly signal: number }
  | { readonly kind: 'not-started'; readonly code: string | undefined }

/** The program that is running. */
interface OwnProgram {
  /** With the script, to start it again. */
  readonly nodePath: string
  readonly scriptPath: string
  /** How the user starts it: `acs-env`, `npx acs-env`, `pnpm dlx acs-env`. */
  readonly command: string
}

/** The world outside the process, but for the terminal. Handed in by cli.ts; tests build a small one. */
export interface System {
  readonly platform: NodeJS.Platform
  readonly env: Environment
  /** The environment as it came, for a program in our place: empty variables are kept. */
  readonly inheritedEnv: Environment
  readonly workingDirectory: string
  readonly temporaryDirectory: string
  readonly self: OwnProgram
  /** Of the Node that is running: `22.19.0`. */
  readonly nodeVersion: string
  readonly processId: number
  /** Of the process that started this one. */
  readonly parentProcessId: number
  /** As whom this runs, by its number; undefined on Windows. */
  readonly userId: number | undefined
  /** When this process began. */
  readonly startedAt: Date
  now(): Date
  /** Since this process began, whatever happens to the clock meanwhile. */
  elapsedMs(): number
  /** The login shell of the account, as the system's user database has it. */
  accountShell(): string | undefined
  /** The file of the accounts that are this machine's own; undefined where there is none, or where it may be overruled. */
  readonly accountsFile: string | undefined
  /** Starts a program and waits for it. Never throws. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<RunResult>
  /**
   * Runs a program in this one's place: its standard streams and these descriptors are ours, signals go to it, and we
   * wait. Throws only where it cannot be started in a directory that is gone, or, on Windows, with these arguments.
   */
  runForeground(
    program: string,
    args: readonly string[],
    env: Environment,
    descriptors: readonly number[],
  ): Promise<ForegroundResult>
  /** The open descriptors beyond the standard streams that came with us. Asked before anything is opened. */
  inheritedDescriptors(): Promise<readonly number[]>
  /** Runs a program in a session of its own, without a terminal, and ends what is left of it. */
  readonly runInSession: typeof runInSession
  /** Whether a process with this id exists. */
  isAlive(processId: number): boolean
  /** Does `work`; its signal aborts on Ctrl+C, SIGTERM or SIGHUP, which do not end the process meanwhile. */
  interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result>
}
