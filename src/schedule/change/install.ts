import { existsSync, lstatSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { CliError, UsageError } from '../../errors.ts'
import { withLock } from '../../files/change/lock.ts'
import { readFileState } from '../../files/read.ts'
import { openStore } from '../../platforms/resolve.ts'
import { noCurrentResource } from '../../platforms/resources/about.ts'
import { createUserEnvironment } from '../../platforms/windows/user-environment.ts'
import { PRIVATE } from '../../store/own-files.ts'
import { missingToken, storedEndpoint, storedIdentity } from '../../store/stored-token.ts'
import type { Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import type { Surroundings } from '../../ui/surroundings.ts'
import { DEFAULT_LIFETIME_MINUTES } from '../../values/lifetime.ts'
import { version } from '../../version.ts'
import { jobPath, scheduleDirectory } from '../directory.ts'
import { readJob, renderJob, SCHEDULER_TITLES, type Job, type SchedulerId } from '../job.ts'
import { nextRun, renewalMargin, spreadMinute, suitsLifetime, usualInterval, type IntervalMinutes } from '../timing.ts'
import { requireSafeDirectory } from './guard.ts'
import { launcherPath, renderLauncher, renderWindowsLauncher, type LauncherRequest } from './launcher.ts'
import { nodesOnPath } from './nodes.ts'
import { removeContents } from './own-directory.ts'
import { createJournal, performRemoval, writeStep, type Journal } from './perform.ts'
import { copySteps, findProgram, isCopyName, removeOtherCopies } from './program-copy.ts'
import { missingFiles, recordVariables, type RecordedVariable } from './recorded-variables.ts'
import { rehearse, type Rehearsal } from './rehearsal.ts'
import { chooseScheduler, schedulersOf } from './resolve.ts'
import type { Registration, Scheduler, ScheduleStep, Wish } from './scheduler.ts'
import { userToLinger } from './systemd.ts'

/** Only its owner may read it, and run it. */
const LAUNCHER_MODE = 0o700

/** What the user asked for; what is undefined is for acs-env to choose. */
export interface ScheduleWish {
  readonly everyMinutes: IntervalMinutes | undefined
  readonly scheduler: SchedulerId | undefined
  readonly linger: boolean
  /** Every stored resource is renewed, and not the current one alone. */
  readonly all: boolean
}

/** What would be done, as data. */
export interface ScheduleDraft {
  readonly directory: string
  readonly scheduler: Scheduler
  readonly wish: Wish
  readonly job: Job
  /** The job in another scheduler, which will be removed. */
  readonly leftovers: readonly ScheduleStep[]
  /** The copy of the program, and the launcher. */
  readonly program: readonly ScheduleStep[]
  readonly copy: string
  readonly registration: readonly ScheduleStep[]
  readonly isRecorded: boolean
  readonly warnings: readonly string[]
}

/** What was done. */
export interface Scheduled {
  readonly job: Job
  readonly nextRun: Date
  /** Undefined where there was nothing to do. */
  readonly rehearsal: Rehearsal | undefined
  readonly remarks: readonly string[]
}

/** Whether there is nothing to do. */
function isUnchanged({ leftovers, program, registration, isRecorded }: ScheduleDraft): boolean {
  return leftovers.length + program.length + registration.length === 0 && isRecorded
}

/** Plans the schedule. Changes nothing. @throws CliError where it could not be done */
export async function draftSchedule(wish: ScheduleWish, system: System, signal: AbortSignal): Promise<ScheduleDraft> {
  const store = await openStore(system)
  const found = await store.find()
  requireRenewable(found, store.directory)
  const directory = scheduleDirectory(store.directory)
  const unsafe = requireSafeDirectory(directory, system)
  const before = readJob(directory)
  // The one that has the job keeps it.
  const schedulers = schedulersOf(directory, system, signal).toSorted(
    (one, other) => Number(other.id === before?.scheduler) - Number(one.id === before?.scheduler),
  )
  const { scheduler, warnings } = await chooseScheduler(wish.scheduler, schedulers)

  const lifetimeMinutes = found.state.issued.lifetimeMinutes ?? DEFAULT_LIFETIME_MINUTES
  const everyMinutes = chooseInterval(wish.everyMinutes, before?.everyMinutes, lifetimeMinutes)
  const key = `${storedIdentity(found)} ${storedEndpoint(found)}`
  const minute = before?.everyMinutes === everyMinutes ? before.minute : spreadMinute(everyMinutes, key)
  const launcher = launcherPath(directory, system)
  const task: Wish = { everyMinutes, minute, launcher, linger: wish.linger }

  const ifExpiresWithinMinutes = renewalMargin(everyMinutes, lifetimeMinutes)
  const program = findProgram(directory, system)
  const request: LauncherRequest = {
    home: system.env.HOME ?? '',
    directory,
    copy: program.copy,
    nodes: nodesOnPath(system),
    variables: await variablesFor(found, system),
    ifExpiresWithinMinutes,
    scope: wish.all ? '--all ' : '',
  }
  const lingerUser = wish.linger && scheduler.id === 'systemd' ? await userToLinger(system) : undefined
  const job: Job = {
    scheduler: scheduler.id,
    everyMinutes,
    minute,
    ifExpiresWithinMinutes,
    programVersion: version,
    files: [launcher, join(program.copy, 'cli.cjs'), ...(await scheduler.files())],
    runsWhileLoggedOut: scheduler.id === 'cron' || wish.linger || before?.runsWhileLoggedOut === true,
    catchesUp: scheduler.catchesUp,
    lingerUser: lingerUser ?? before?.lingerUser,
    createdDirectories: before?.createdDirectories ?? [],
  }
  return {
    directory,
    scheduler,
    wish: task,
    job,
    leftovers: await planLeftovers(scheduler, schedulers, before),
    program: [...copySteps(program), ...launcherSteps(request, system)],
    copy: program.copy,
    registration: await scheduler.planJob(task),
    isRecorded: before !== undefined && renderJob(before).equals(renderJob(job)),
    warnings: [...unsafe, ...warnings, ...missingFiles(system)],
  }
}

/**
 * Schedules the renewal: writes the launcher, runs it once as the job will be run, registers it, and asks the scheduler
 * whether it has the job. Where any of this fails, everything that was done is taken back.
 */
export async function schedule(wish: ScheduleWish, { system, reporter }: Surroundings): Promise<Scheduled> {
  const { directory: storeDirectory } = await openStore(system)
  const onWait = (): void => reporter.note('another acs-env is at work; waiting for it.')
  // Before the lock, which is a file too.
  await system.interruptible((signal) => draftSchedule(wish, system, signal))
  return system.interruptible((signal) =>
    withLock(scheduleDirectory(storeDirectory), system, { signal, onWait }, async () => {
      const draft = await draftSchedule(wish, system, signal)
      for (const warning of draft.warnings) reporter.warn(warning)
      if (isUnchanged(draft)) {
        return { job: draft.job, nextRun: nextRun(draft.job, system.now()), rehearsal: undefined, remarks: [] }
      }
      const journal = createJournal(draft.directory, system, signal)
      try {
        return await carryOut(draft, journal, { system, reporter }, signal)
      } catch (error) {
        await journal.undo()
        // What the rehearsal has left.
        if (readJob(draft.directory) === undefined) removeContents(draft.directory)
        throw error
      }
    }),
  )
}

async function carryOut(
  draft: ScheduleDraft,
  journal: Journal,
  { system, reporter }: Pick<Surroundings, 'system' | 'reporter'>,
  signal: AbortSignal,
): Promise<Scheduled> {
  const { directory, scheduler, wish, job, copy } = draft
  await journal.perform(draft.program)
  const rehearsal = await reporter.during('Renewing in the environment that the job will have', () =>
    rehearse(wish.launcher, system, signal),
  )
  const made = scheduler.makesDirectories.filter((path) => !existsSync(path))
  await journal.perform(draft.registration)
  const registration = await scheduler.readBack(wish)
  if (registration.kind === 'not-registered') throw notRegistered(scheduler.id, registration)
  const recorded: Job = {
    ...job,
    runsWhileLoggedOut: registration.runsWhileLoggedOut,
    createdDirectories: [...new Set([...journal.createdDirectories, ...made, ...job.createdDirectories])],
  }
  await journal.perform(jobSteps(directory, recorded))
  // The job is in place; what follows only tidies up.
  for (const { message } of await performRemoval(draft.leftovers, directory, system, signal)) reporter.warn(message)
  removeOtherCopies(directory, copy)
  const computed = nextRun(recorded, system.now())
  return { job: recorded, nextRun: registration.nextRun ?? computed, rehearsal, remarks: registration.remarks }
}

/** Replaces the copy of the program by the one that is running, where that is a later version. */
export async function repairCopy(storeDirectory: string, system: System): Promise<'repaired' | 'kept'> {
  const directory = scheduleDirectory(storeDirectory)
  const job = readJob(directory)
  if (job === undefined || !isLater(version, job.programVersion)) return 'kept'
  requireSafeDirectory(directory, system)
  return system.interruptible((signal) =>
    withLock(directory, system, { signal }, async () => {
      const [launcher = '', entry = '', ...others] = job.files
      // The record may name files that are none of ours.
      const isOurs = launcher === launcherPath(directory, system) && isCopyName(basename(dirname(entry)))
      if (!isOurs || dirname(dirname(entry)) !== directory) return 'kept'
      // Behind a link is somebody else's file.
      if (lstatSync(launcher, { throwIfNoEntry: false })?.isFile() !== true) return 'kept'
      const program = findProgram(directory, system)
      const state = readFileState(launcher)
      const names = [entry, join(program.copy, 'cli.cjs')].map((path) => path.slice(directory.length + 1))
      const [old = '', next = ''] =
        system.platform === 'win32' ? names.map((name) => name.replaceAll('/', '\\')) : names
      const text = state.bytes?.toString('utf8') ?? ''
      // Somebody else's script: "schedule" writes it anew.
      if (old === '' || !text.includes(old)) return 'kept'
      const journal = createJournal(directory, system, signal)
      const repaired: Job = {
        ...job,
        programVersion: version,
        files: [launcher, join(program.copy, 'cli.cjs'), ...others],
      }
      await journal.perform([
        ...copySteps(program),
        ...writeStep(state, launcher, Buffer.from(text.replace(old, next)), LAUNCHER_MODE, { kind: 'housekeeping' }),
      ])
      await journal.perform(jobSteps(directory, repaired))
      removeOtherCopies(directory, program.copy)
      return 'repaired'
    }),
  )
}

function jobSteps(directory: string, job: Job): readonly ScheduleStep[] {
  const path = jobPath(directory)
  return writeStep(readFileState(path), path, renderJob(job), PRIVATE, { kind: 'housekeeping' })
}

function launcherSteps(request: LauncherRequest, system: System): readonly ScheduleStep[] {
  const path = launcherPath(request.directory, system)
  const text = system.platform === 'win32' ? renderWindowsLauncher(request) : renderLauncher(request)
  const names = request.variables.map(({ name }) => name)
  const lines = [
    `+ acs-env refresh ${request.scope}--if-expires-within ${request.ifExpiresWithinMinutes}m`,
    ...(names.length === 0 ? [] : [`+ with ${names.join(', ')} as they are now`]),
  ]
  const shown = { kind: 'shown', summary: 'what the job runs', lines } as const
  return writeStep(readFileState(path), path, Buffer.from(text), LAUNCHER_MODE, shown)
}

/** On Windows the job has the user's own variables anyway, and they may change. */
async function variablesFor({ connectionString, state }: Stored, system: System): Promise<readonly RecordedVariable[]> {
  const variables = recordVariables(system, connectionString === undefined ? state.issued.source : undefined)
  if (system.platform !== 'win32' || variables.length === 0) return variables
  const values = await createUserEnvironment(system).read()
  return variables.filter(({ name, value }) => values.string(name)?.text !== value.reveal())
}

async function planLeftovers(
  chosen: Scheduler,
  schedulers: readonly Scheduler[],
  before: Job | undefined,
): Promise<readonly ScheduleStep[]> {
  const other = schedulers.find(({ id }) => id === before?.scheduler && id !== chosen.id)
  return other === undefined ? [] : other.planRemoval()
}

function chooseInterval(
  wanted: IntervalMinutes | undefined,
  earlier: IntervalMinutes | undefined,
  lifetimeMinutes: number,
): IntervalMinutes {
  const usual = usualInterval(lifetimeMinutes)
  const fits = (interval: IntervalMinutes): boolean => interval <= usual || suitsLifetime(interval, lifetimeMinutes)
  if (wanted === undefined) return earlier !== undefined && fits(earlier) ? earlier : usual
  if (fits(wanted)) return wanted
  throw new UsageError(`The stored token lives ${lifetimeMinutes} minutes, so that is not often enough.`, {
    hint: `leave out --every, or give --every ${usual}m`,
  })
}

/** The job has what is stored, and nobody to ask. */
function requireRenewable(found: Stored, directory: string): void {
  const { connectionString, accessToken, state } = found
  if (accessToken === undefined) throw noCurrentResource(directory, found) ?? missingToken()
  if (connectionString !== undefined || state.issued.source !== undefined) return
  throw new CliError('Only a token is stored, and nothing to renew it with.', {
    code: 'no_connection_string',
    hint: 'run "acs-env setup" without --token-only, or with a source that can be asked again, such as --from-az',
  })
}

function notRegistered(id: SchedulerId, { found }: Extract<Registration, { kind: 'not-registered' }>): CliError {
  return new CliError(`${SCHEDULER_TITLES[id]} accepted the job, but does not have it (${found}).`, {
    code: 'read_back',
    hint: 'everything was taken back; "acs-env exec" and "acs-env token" renew when they are used',
  })
}

function isLater(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => text.split(/[.-]/, 3).map(Number))
  const index = [0, 1, 2].find((place) => a?.[place] !== b?.[place])
  return index !== undefined && (a?.[index] ?? 0) > (b?.[index] ?? 0)
}
