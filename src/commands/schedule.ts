import { CliError, UsageError } from '../errors.ts'
import { openStore } from '../platforms/resolve.ts'
import { draftSchedule, schedule, type ScheduleWish } from '../schedule/change/install.ts'
import { renderScheduled, renderSteps, scheduledDocument, stepsDocument, stepsOf } from '../schedule/change/text.ts'
import { SCHEDULER_IDS } from '../schedule/job.ts'
import { INTERVALS_MINUTES, type IntervalMinutes } from '../schedule/timing.ts'
import { parseDurationMs } from '../values/lifetime.ts'
import type { CommandContext } from './context.ts'

type Context = CommandContext<'schedule'>

/** `acs-env schedule`: the stored token is renewed by the system's own scheduler from now on. */
export async function run(context: Context): Promise<void> {
  const { options, system, terminal, reporter, program } = context
  const wish = readWish(options)
  if (options.dryRun) return answerDryRun(wish, context)
  requireNoCi(context)
  const scheduled = await schedule(wish, context)
  const { rehearsal } = scheduled
  if (rehearsal?.kind === 'postponed') {
    reporter.warn(`the job is scheduled; that it works could not be seen yet: ${rehearsal.why}`)
  }
  if (options.json) return terminal.answer(`${JSON.stringify(scheduledDocument(scheduled))}\n`)
  reporter.show(renderScheduled(scheduled, program, system.now(), reporter.style))
}

async function answerDryRun(wish: ScheduleWish, { options, system, terminal, reporter }: Context): Promise<void> {
  const store = await openStore(system)
  const draft = await system.interruptible((signal) => draftSchedule(wish, system, signal))
  for (const warning of draft.warnings) reporter.warn(warning)
  const steps = stepsOf(draft)
  const document = { dry_run: true, scheduler: draft.scheduler.id, changes: stepsDocument(steps) }
  const text = renderSteps(steps, store.describe().show) || 'Nothing would change.\n'
  await terminal.answer(options.json ? `${JSON.stringify(document)}\n` : text)
}

function readWish({ every, scheduler, linger, all }: Context['options']): ScheduleWish {
  const id = SCHEDULER_IDS.find((known) => known === scheduler)
  if (scheduler !== undefined && id === undefined) {
    throw new UsageError('The value of --scheduler is not one that acs-env knows.', {
      hint: `write ${SCHEDULER_IDS.join(', ')}`,
    })
  }
  const everyMinutes = every === undefined ? undefined : readInterval(every)
  return { everyMinutes, scheduler: id, linger: linger === true, all: all === true }
}

function readInterval(text: string): IntervalMinutes {
  const minutes = parseDurationMs(text, '--every') / 60_000
  const interval = INTERVALS_MINUTES.find((known) => known === minutes)
  if (interval !== undefined) return interval
  throw new UsageError('The value of --every is not one that every scheduler can do.', {
    code: 'invalid_time',
    hint: 'write 15m, 30m, 1h, 2h, 3h or 6h',
  })
}

/** A CI runner that goes away in a minute is no place for a job; `--yes` insists. */
function requireNoCi({ options, system }: Context): void {
  const { CI: ci = 'false' } = system.env
  if (options.yes || ci === 'false') return
  throw new CliError('This seems to run in CI, where nothing is left to run in the background.', {
    code: 'ci',
    hint: 'use "acs-env refresh" or "acs-env exec" there; --yes schedules it nevertheless',
  })
}
