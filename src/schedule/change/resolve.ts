import { CliError, UsageError } from '../../errors.ts'
import type { System } from '../../system/system.ts'
import type { SchedulerId } from '../job.ts'
import { createCron } from './cron.ts'
import { createLaunchd } from './launchd.ts'
import { launcherPath } from './launcher.ts'
import type { Scheduler } from './scheduler.ts'
import { createSystemd } from './systemd.ts'
import { createTaskScheduler } from './task-scheduler.ts'

/** A scheduler to use, and what the user should know about it. */
export interface Chosen {
  readonly scheduler: Scheduler
  readonly warnings: readonly string[]
}

/** The schedulers of the system at hand, the better one first. @param directory our own, private one */
export function schedulersOf(directory: string, system: System, signal: AbortSignal): readonly Scheduler[] {
  const home = system.env.HOME ?? ''
  const launcher = launcherPath(directory, system)
  switch (system.platform) {
    case 'win32':
      return [createTaskScheduler(directory, system)]
    case 'darwin':
      // No cron: there it may read nothing before the user has permitted it in the settings.
      return [createLaunchd(home, system)]
    default:
      return [createSystemd(home, launcher, system), createCron(directory, launcher, system, signal)]
  }
}

/**
 * The scheduler that was named, else the first that can be used here.
 *
 * @throws UsageError for one of another system; CliError where none can be used
 */
export async function chooseScheduler(
  wanted: SchedulerId | undefined,
  schedulers: readonly Scheduler[],
): Promise<Chosen> {
  if (wanted !== undefined) {
    const scheduler = schedulers.find(({ id }) => id === wanted)
    if (scheduler === undefined) throw notHere(wanted, schedulers)
    const availability = await scheduler.availability()
    if (availability.kind === 'unavailable') throw availability.reason
    return { scheduler, warnings: availability.warnings }
  }
  const reasons: CliError[] = []
  for (const scheduler of schedulers) {
    const availability = await scheduler.availability()
    if (availability.kind === 'available') return { scheduler, warnings: availability.warnings }
    reasons.push(availability.reason)
  }
  // A crontab that may not be read says more than that there is nothing.
  throw reasons.find(({ code }) => code !== 'no_scheduler') ?? noScheduler()
}

function notHere(wanted: SchedulerId, schedulers: readonly Scheduler[]): UsageError {
  const names = schedulers.map(({ id }) => id).join(' and ')
  return new UsageError(`${wanted} is not a scheduler of this system.`, { hint: `here there is ${names}` })
}

function noScheduler(): CliError {
  return new CliError('There is no scheduler here: no systemd user session and no crontab command.', {
    code: 'no_scheduler',
    hint: '"acs-env exec" and "acs-env token" renew when they are used',
  })
}
