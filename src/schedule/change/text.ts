import type { Style } from '../../system/terminal.ts'
import { printable } from '../../text/printable.ts'
import { formatMoment } from '../../text/time.ts'
import { SCHEDULER_TITLES } from '../job.ts'
import { rhythmText } from '../timing.ts'
import type { ScheduleDraft, Scheduled } from './install.ts'
import { placeOf } from './remove.ts'
import type { ScheduleStep } from './scheduler.ts'

/** Steps for people: each place, with what becomes of it. */
export function renderSteps(steps: readonly ScheduleStep[], show: (path: string) => string): string {
  return steps
    .flatMap((step) => {
      const { shown } = step
      if (shown.kind === 'housekeeping') return []
      const place = step.kind === 'run' ? shown.summary : placeOf(step).map(show).join('')
      const lines = shown.lines.map((line) => `    ${printable(line)}`)
      return [`  ${printable(place)}${changeOf(step) === 'create' ? ' (new)' : ''}`, ...lines]
    })
    .map((line) => `${line}\n`)
    .join('')
}

/** Steps for programs. */
export function stepsDocument(steps: readonly ScheduleStep[]): readonly object[] {
  return steps.flatMap((step) => placeOf(step).map((where) => ({ where, change: changeOf(step) })))
}

/** What scheduling would do, in the order in which it would be done. */
export function stepsOf({ program, registration, leftovers }: ScheduleDraft): readonly ScheduleStep[] {
  return [...program, ...registration, ...leftovers]
}

/** The success of `schedule` for people. */
export function renderScheduled(
  { job, rehearsal, nextRun, remarks }: Scheduled,
  program: string,
  now: Date,
  style: (style: Style, text: string) => string,
): string {
  const what = `The token is renewed in the background, ${rhythmText(job)} (${SCHEDULER_TITLES[job.scheduler]}).`
  const lines = [
    ...(rehearsal?.kind === 'renewed' ? ['Renewed just now in the environment that it will have.'] : []),
    `Next run: ${formatMoment(nextRun, now)}.`,
    ...loggedOutLines(job),
    ...(job.catchesUp ? [] : ['It misses its turn while the computer sleeps.']),
    ...remarks.map((remark) => `${remark[0]?.toUpperCase()}${remark.slice(1)}`),
    `"${program} unschedule" ends it.`,
  ]
  return [`${style('green', '✓')} ${what}`, ...lines.map((line) => `  ${line}`), ''].join('\n')
}

/** The same for programs. */
export function scheduledDocument({ job, nextRun, rehearsal }: Scheduled): object {
  return {
    scheduler: job.scheduler,
    every_minutes: job.everyMinutes,
    if_expires_within_minutes: job.ifExpiresWithinMinutes,
    files: job.files,
    next_run: nextRun.toISOString(),
    runs_while_logged_out: job.runsWhileLoggedOut,
    catches_up: job.catchesUp,
    changed: rehearsal !== undefined,
  }
}

function loggedOutLines({ scheduler, runsWhileLoggedOut }: Scheduled['job']): readonly string[] {
  if (runsWhileLoggedOut) return []
  const rests = 'While you are logged out it rests, and catches up when you log in'
  return [scheduler === 'systemd' ? `${rests}; "--linger" keeps it going.` : `${rests}.`]
}

function changeOf(step: ScheduleStep): 'create' | 'change' | 'remove' | 'run' {
  switch (step.kind) {
    case 'write':
      return step.file.bytes === undefined ? 'create' : 'change'
    case 'copy':
      return 'create'
    case 'remove':
      return 'remove'
    case 'run':
      return 'run'
    default:
      return step satisfies never
  }
}
