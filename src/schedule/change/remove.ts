import { existsSync } from 'node:fs'
import { sep } from 'node:path'
import { attempt, CliError } from '../../errors.ts'
import { removeEmptyDirectories } from '../../files/change/directory.ts'
import { withLock } from '../../files/change/lock.ts'
import type { System } from '../../system/system.ts'
import type { Surroundings } from '../../ui/surroundings.ts'
import { scheduleDirectory } from '../directory.ts'
import { readJob, type Job, type SchedulerId } from '../job.ts'
import { requireNoLink, requireOwnJob } from './guard.ts'
import { launcherPath } from './launcher.ts'
import { hasJobFiles, removeContents } from './own-directory.ts'
import { nameOf, performRemoval } from './perform.ts'
import { schedulersOf } from './resolve.ts'
import { runStep, type RunStep, type Scheduler, type ScheduleStep } from './scheduler.ts'
import { stopLingering, userName } from './systemd.ts'

/** What would be taken away. */
export interface RemovalDraft {
  readonly job: Job | undefined
  readonly steps: readonly ScheduleStep[]
  /** Why a scheduler that has the job, or may have it, could not be looked at. */
  readonly failures: readonly CliError[]
  /** The launcher, the copy of the program and the records; undefined where there are none. */
  readonly directory: string | undefined
  /** Directories outside it that were made for the job, the deepest first. */
  readonly createdDirectories: readonly string[]
}

/** What was taken away. */
export interface Removal {
  readonly removed: readonly string[]
  readonly scheduler: SchedulerId | undefined
  /** What could not be, and leaves a trace of the job. */
  readonly failures: readonly CliError[]
}

/** What taking the job away comes to, also where the record of it is lost. Changes nothing. */
export async function draftRemoval(storeDirectory: string, system: System, signal: AbortSignal): Promise<RemovalDraft> {
  const directory = scheduleDirectory(storeDirectory)
  requireNoLink(directory)
  const isOurs = hasJobFiles(directory)
  if (isOurs) requireOwnJob(directory, system)
  const job = readJob(directory)
  const steps: ScheduleStep[] = []
  const failures: CliError[] = []
  const schedulers = schedulersOf(directory, system, signal)
  for (const scheduler of schedulers) {
    const planned = await attempt(() => scheduler.planRemoval())
    if (planned.kind === 'done') steps.push(...planned.value)
    else if (mayHaveIt(scheduler, job, launcherPath(directory, system))) failures.push(planned.error)
  }
  // The record may be forged, and root could end the lingering of anybody.
  if (job?.lingerUser !== undefined && job.lingerUser === (await userName(system))) {
    const shown = { kind: 'shown', summary: `lingering of ${job.lingerUser}`, lines: [] } as const
    steps.push(runStep(stopLingering(job.lingerUser, system), 'Lingering could not be switched off', { shown }))
  }
  const createdDirectories = await madeForJob(job, schedulers)
  return { job, steps, failures, directory: isOurs ? directory : undefined, createdDirectories }
}

/** Of the directories in the record those in which a scheduler keeps the job: it may say anything. */
async function madeForJob(job: Job | undefined, schedulers: readonly Scheduler[]): Promise<readonly string[]> {
  if (job === undefined || job.createdDirectories.length === 0) return []
  const files = await Promise.all(schedulers.map((scheduler) => scheduler.files()))
  const made = new Set(schedulers.flatMap(({ makesDirectories }) => makesDirectories))
  return job.createdDirectories.filter(
    (path) => made.has(path) || files.flat().some((file) => file.startsWith(`${path}${sep}`)),
  )
}

/** Whether there is no trace of a job. */
export function hasNothing({ steps, failures, directory }: RemovalDraft): boolean {
  return steps.length + failures.length === 0 && directory === undefined
}

/**
 * Takes the job away: out of the scheduler, and then everything in our directory for it. What fails is reported
 * afterwards, and does not stop the rest.
 */
export async function removeSchedule(
  storeDirectory: string,
  { system, reporter }: Pick<Surroundings, 'system' | 'reporter'>,
): Promise<Removal> {
  const directory = scheduleDirectory(storeDirectory)
  const onWait = (): void => reporter.note('another acs-env is at work; waiting for it.')
  return system.interruptible(async (signal) => {
    const first = await draftRemoval(storeDirectory, system, signal)
    if (hasNothing(first)) return { removed: [], scheduler: undefined, failures: [] }
    const result = await withLock(directory, system, { signal, onWait }, async () => {
      // One that did not answer is not waited for again.
      const { job, steps, failures, createdDirectories } =
        first.failures.length > 0 ? first : await draftRemoval(storeDirectory, system, signal)
      const failed = await performRemoval(steps, directory, system, signal)
      // Asked again: a program may report success and have changed nothing.
      const isToBeSeen = steps.length > 0 && failures.length + failed.length === 0
      const after = isToBeSeen ? await draftRemoval(storeDirectory, system, signal) : undefined
      const remaining = after?.steps.filter(isRegistration) ?? []
      const kept = removeContents(directory)
      const own = first.directory === undefined || kept.length > 0 ? [] : [directory]
      return {
        created: createdDirectories,
        removed: [...new Set([...steps.flatMap(placeOf), ...own])],
        scheduler: job?.scheduler,
        failures: [...failures, ...failed, ...(after?.failures ?? []), ...remaining.slice(0, 1).map(stillThere)],
      }
    })
    // Each by itself: one that is in use says nothing of the others.
    for (const made of [directory, ...result.created]) removeEmptyDirectories([made])
    return result
  })
}

/** Where a step changes something, as users know it; nothing for our own housekeeping. */
export function placeOf(step: ScheduleStep): readonly string[] {
  if (step.shown.kind === 'housekeeping') return []
  return [step.kind === 'run' ? step.shown.summary : step.kind === 'copy' ? step.to : step.path]
}

function mayHaveIt({ id }: Scheduler, job: Job | undefined, launcher: string): boolean {
  return job === undefined ? existsSync(launcher) : job.scheduler === id
}

/** Lingering stays on while nothing is removed yet: it is in our record. */
function isRegistration(step: ScheduleStep): step is RunStep {
  return step.kind === 'run' && step.command.program !== 'loginctl'
}

function stillThere({ command }: RunStep): CliError {
  const program = nameOf(command)
  return new CliError(`${program} reported success, and the job is still there.`, {
    code: 'read_back',
    hint: `see what "${program}" has, and remove it by hand`,
  })
}
