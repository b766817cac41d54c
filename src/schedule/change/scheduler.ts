import type { CliError } from '../../errors.ts'
import type { Shown, Step } from '../../store/plan.ts'
import type { Environment } from '../../system/system.ts'
import type { SchedulerId } from '../job.ts'
import type { Rhythm } from '../timing.ts'

/** What a scheduler is to run, and when. */
export interface Wish extends Rhythm {
  /** The script that starts the program; an absolute path. */
  readonly launcher: string
  /** Keep it going while the user is logged out, where that has to be switched on. */
  readonly linger: boolean
}

/** A program and its arguments, none of them secret: other users can see them. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  /** The whole environment of the program; this process's own where absent. */
  readonly env?: Environment
}

/** A program that changes what a scheduler knows. */
export interface RunStep {
  readonly kind: 'run'
  readonly command: Command
  /** Exit codes besides 0 that are as good: "it was not there anyway". */
  readonly alsoFine: readonly number[] | 'all'
  /** What takes it back; undefined where there is nothing to take back. */
  readonly undo: Command | undefined
  readonly retry: Retry | undefined
  /** What to say where it fails: "The timer could not be enabled". */
  readonly failure: string
  readonly hint: string | undefined
  readonly shown: Shown
}

/** For a program that is known to fail for a moment, as launchctl does while an old job drains. */
export interface Retry {
  readonly exitCodes: readonly number[]
  readonly times: number
  readonly delayMs: number
  /** Run before each further try. */
  readonly first: Command
}

/** The files of a program, copied into a directory of our own. */
export interface CopyStep {
  readonly kind: 'copy'
  readonly from: string
  readonly to: string
  readonly names: readonly string[]
  readonly shown: Shown
}

export type FileStep = Extract<Step, { kind: 'write' | 'remove' }>
export type ScheduleStep = FileStep | RunStep | CopyStep

/** Whether a scheduler can be used here. */
type Availability =
  | { readonly kind: 'available'; readonly warnings: readonly string[] }
  | { readonly kind: 'unavailable'; readonly reason: CliError }

/** What a scheduler says of the job, asked after the fact. */
export type Registration =
  | {
      readonly kind: 'registered'
      /** As the scheduler itself has it, where it can be asked. */
      readonly nextRun: Date | undefined
      readonly runsWhileLoggedOut: boolean
      /** Something the user should know, such as that it begins with the next log-in. */
      readonly remarks: readonly string[]
    }
  | { readonly kind: 'not-registered'; readonly found: string }

/** One of the system's own schedulers. */
export interface Scheduler {
  readonly id: SchedulerId
  readonly catchesUp: boolean
  /** Directories that the scheduler makes by itself where they are not there, the deepest first. */
  readonly makesDirectories: readonly string[]
  availability(): Promise<Availability>
  /** The steps that register the job; none where it is registered like that already. Changes nothing. */
  planJob(wish: Wish): Promise<readonly ScheduleStep[]>
  /** The steps that take the job away; none where there is no trace of it. Changes nothing. */
  planRemoval(): Promise<readonly ScheduleStep[]>
  /** Asks the scheduler itself, after the steps were performed. */
  readBack(wish: Wish): Promise<Registration>
  /** Files of the scheduler's own that the job needs. */
  files(): Promise<readonly string[]>
}

/** A step that runs a program, with what is usual for it. */
export function runStep(
  command: Command,
  failure: string,
  more: Partial<Pick<RunStep, 'alsoFine' | 'undo' | 'retry' | 'hint' | 'shown'>> = {},
): RunStep {
  const shown: Shown = { kind: 'shown', summary: [command.program, ...command.args].join(' '), lines: [] }
  return {
    kind: 'run',
    command,
    failure,
    alsoFine: [],
    undo: undefined,
    retry: undefined,
    hint: undefined,
    shown,
    ...more,
  }
}
