import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { privateFile, readJson } from '../store/own-files.ts'
import { hasJob, JOB_FILE, scheduleDirectory } from './directory.ts'
import { INTERVALS_MINUTES, type IntervalMinutes, type Rhythm } from './timing.ts'

/** The system's own schedulers that acs-env knows. */
export const SCHEDULER_IDS = ['systemd', 'cron', 'launchd', 'task-scheduler'] as const

export type SchedulerId = (typeof SCHEDULER_IDS)[number]

/** What each is called in a sentence. */
export const SCHEDULER_TITLES: Readonly<Record<SchedulerId, string>> = {
  systemd: 'systemd user timer',
  cron: 'cron',
  launchd: 'launchd',
  'task-scheduler': 'Task Scheduler',
}

/** The job as `schedule` registered it. */
export interface Job extends Rhythm {
  readonly scheduler: SchedulerId
  /** It renews the token when less than this is left of it. */
  readonly ifExpiresWithinMinutes: number
  /** Of the copy of the program that it runs. */
  readonly programVersion: string
  /** Everything that has to be there for it to run. */
  readonly files: readonly string[]
  readonly runsWhileLoggedOut: boolean
  /** It makes up for a run that it missed while the computer slept. */
  readonly catchesUp: boolean
  /** The user whose lingering was switched on for it, which `unschedule` switches off again. */
  readonly lingerUser: string | undefined
  /** Directories that were made for it outside our own, the deepest first. */
  readonly createdDirectories: readonly string[]
}

/** How a run of the job ended. `code` and `message` are those of the error. */
export type RunOutcome =
  | { readonly kind: 'renewed' | 'not-due' }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }

/** What is remembered of the runs. Times are ISO 8601, UTC. */
export interface Runs {
  readonly last: { readonly at: string; readonly outcome: RunOutcome }
  readonly lastSuccessAt: string | undefined
  /** In a row, up to the last run. */
  readonly failures: number
  readonly failingSince: string | undefined
}

/** How the job stands, from files alone. */
export interface JobStatus {
  readonly job: Job
  readonly runs: Runs | undefined
  /** Files that it needs and that are gone. */
  readonly missing: readonly string[]
  /** When the launcher found no Node to run with, if that is how its last run ended. */
  readonly noNodeSince: Date | undefined
}

export const RUNS_FILE = 'last.json'
/** Left by the launcher where it found no Node, and removed by the next run that did. */
export const NO_NODE_FILE = 'no-node'

/** The job that is scheduled; undefined where there is none, or the record of it is damaged. */
export function readJob(directory: string): Job | undefined {
  if (!hasJob(directory)) return undefined
  const document = readJson(privateFile(directory, JOB_FILE)) ?? {}
  const scheduler = SCHEDULER_IDS.find((id) => id === document.scheduler)
  const everyMinutes = INTERVALS_MINUTES.find((interval) => interval === document.every_minutes)
  const { minute, if_expires_within_minutes: within } = document
  if (scheduler === undefined || everyMinutes === undefined) return undefined
  if (!isMinute(minute, everyMinutes) || typeof within !== 'number') return undefined
  return {
    scheduler,
    everyMinutes,
    minute,
    ifExpiresWithinMinutes: within,
    programVersion: textOf(document.version) ?? '',
    files: textsOf(document.files),
    runsWhileLoggedOut: document.runs_while_logged_out === true,
    catchesUp: document.catches_up === true,
    lingerUser: textOf(document.linger_user),
    createdDirectories: textsOf(document.created_directories),
  }
}

/** The file that remembers a job, as its bytes. */
export function renderJob(job: Job): Buffer {
  return asFile({
    scheduler: job.scheduler,
    every_minutes: job.everyMinutes,
    minute: job.minute,
    if_expires_within_minutes: job.ifExpiresWithinMinutes,
    version: job.programVersion,
    files: job.files,
    runs_while_logged_out: job.runsWhileLoggedOut,
    catches_up: job.catchesUp,
    linger_user: job.lingerUser,
    created_directories: job.createdDirectories,
  })
}

/** What is remembered of the runs; undefined where the job has not run yet. */
export function readRuns(directory: string): Runs | undefined {
  const document = readJson(privateFile(directory, RUNS_FILE))
  const last = asRecord(document?.last_run)
  const at = timeOf(last.at)
  const outcome = readOutcome(last)
  if (document === undefined || at === undefined || outcome === undefined) return undefined
  return {
    last: { at, outcome },
    lastSuccessAt: timeOf(document.last_success),
    failures: typeof document.failures === 'number' ? document.failures : 0,
    failingSince: timeOf(document.failing_since),
  }
}

/** The file that remembers the runs, as its bytes. */
export function renderRuns({ last: { at, outcome }, lastSuccessAt, failures, failingSince }: Runs): Buffer {
  const failure = outcome.kind === 'failed' ? { code: outcome.code, message: outcome.message } : {}
  return asFile({
    last_run: { at, outcome: outcome.kind, ...failure },
    last_success: lastSuccessAt,
    failures,
    failing_since: failingSince,
  })
}

/** How the job stands; undefined where nothing is scheduled. Reads small files alone, and starts nothing. */
export function readJobStatus(storeDirectory: string): JobStatus | undefined {
  const directory = scheduleDirectory(storeDirectory)
  const job = readJob(directory)
  if (job === undefined) return undefined
  const noNode = statSync(join(directory, NO_NODE_FILE), { throwIfNoEntry: false })
  return {
    job,
    runs: readRuns(directory),
    missing: job.files.filter((path) => !existsSync(path)),
    noNodeSince: noNode?.mtime,
  }
}

function readOutcome({ outcome, code, message }: Record<string, unknown>): RunOutcome | undefined {
  if (outcome === 'renewed' || outcome === 'not-due') return { kind: outcome }
  return outcome === 'failed' ? { kind: outcome, code: textOf(code) ?? '', message: textOf(message) ?? '' } : undefined
}

function isMinute(value: unknown, everyMinutes: IntervalMinutes): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < Math.min(60, everyMinutes)
}

function asFile(document: object): Buffer {
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`)
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function timeOf(value: unknown): string | undefined {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : undefined
}
