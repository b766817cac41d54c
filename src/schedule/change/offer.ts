import { attempt } from '../../errors.ts'
import { openStore } from '../../platforms/resolve.ts'
import type { Surroundings } from '../../ui/surroundings.ts'
import { isScheduled } from '../is-scheduled.ts'
import { SCHEDULER_TITLES } from '../job.ts'
import { rhythmText } from '../timing.ts'
import { draftSchedule, schedule, type ScheduleWish } from './install.ts'
import { renderScheduled } from './text.ts'

/** Everything as acs-env chooses it. */
const AS_USUAL: ScheduleWish = { everyMinutes: undefined, scheduler: undefined, linger: false, all: false }

/** Schedules the renewal as acs-env chooses, and says so. */
export async function scheduleAsUsual(surroundings: Surroundings, program: string): Promise<void> {
  const { system, reporter } = surroundings
  const scheduled = await schedule(AS_USUAL, surroundings)
  if (scheduled.rehearsal?.kind === 'postponed') reporter.warn(`not tried yet: ${scheduled.rehearsal.why}`)
  reporter.show(renderScheduled(scheduled, program, system.now(), reporter.style))
}

/**
 * Asks at a terminal whether to keep the token fresh from now on, shows what would be installed, and does it. Asks
 * nothing where it is scheduled already, could not be, or might not work.
 */
export async function offerSchedule(surroundings: Surroundings, program: string): Promise<void> {
  const { system, terminal, reporter } = surroundings
  const { directory } = await openStore(system)
  if (isScheduled(directory)) return
  const draft = await system.interruptible((signal) => attempt(() => draftSchedule(AS_USUAL, system, signal)))
  if (draft.kind === 'failed' || draft.value.warnings.length > 0) return
  const { job } = draft.value
  const what = `${SCHEDULER_TITLES[job.scheduler]}, ${rhythmText(job)}; "${program} unschedule" ends it`
  const { ask } = await import('../../ui/prompts.ts')
  const message = `Keep it fresh in the background? (${what})`
  reporter.show('\n')
  // Enter leaves the machine as it is: everything that was asked for is done.
  if (!(await ask({ kind: 'confirm', message, initial: false }, terminal))) return
  reporter.show('\n')
  const done = await attempt(() => scheduleAsUsual(surroundings, program))
  // What setup stored stays; the schedule is an extra.
  if (done.kind === 'failed') reporter.warn(`it is not kept fresh: ${done.error.message}`)
}
