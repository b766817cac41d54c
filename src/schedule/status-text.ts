import { formatClock } from '../text/time.ts'
import { SCHEDULER_TITLES, type JobStatus } from './job.ts'
import { nextRun, rhythmText } from './timing.ts'

const OUTCOMES = { renewed: 'renewed', 'not-due': 'not yet due' } as const

/** How the renewal in the background stands, in one line: "every hour at :17 (cron); last 12:17, not yet due; next 13:17". */
export function renewalText({ job, runs, missing, noNodeSince }: JobStatus, program: string, now: Date): string {
  const rhythm = `${rhythmText(job)} (${SCHEDULER_TITLES[job.scheduler]})`
  const again = `"${program} schedule" puts this right`
  if (missing.length > 0) return `stopped, ${missing[0]} is gone; ${again}`
  if (noNodeSince !== undefined) {
    return `stopped, no Node.js that can run it was found at ${clock(noNodeSince, now)}; ${again}`
  }
  const next = `next ${clock(nextRun(job, now), now)}`
  if (runs === undefined) return `${rhythm}; ${next}`
  const { last, failures, failingSince } = runs
  if (last.outcome.kind !== 'failed') {
    return `${rhythm}; last ${clock(new Date(last.at), now)}, ${OUTCOMES[last.outcome.kind]}; ${next}`
  }
  const times = failures === 1 ? 'once' : `${failures} times`
  const since = failingSince === undefined ? '' : ` since ${clock(new Date(failingSince), now)}`
  return `${rhythm}; failed ${times}${since}: ${last.outcome.message} ${next.replace('next', 'Next')}`
}

/** The same for programs. */
export function scheduleDocument({ job, runs, missing, noNodeSince }: JobStatus, now: Date): object {
  const lastRun = runs === undefined ? null : runDocument(runs.last)
  return {
    scheduler: job.scheduler,
    every_minutes: job.everyMinutes,
    registered: missing.length === 0,
    last_run: noNodeSince === undefined ? lastRun : failedRun(noNodeSince.toISOString(), 'no_node'),
    last_success: runs?.lastSuccessAt ?? null,
    failures: runs?.failures ?? 0,
    next_run: nextRun(job, now).toISOString(),
    version: job.programVersion,
  }
}

function runDocument({ at, outcome }: NonNullable<JobStatus['runs']>['last']): object {
  return outcome.kind === 'failed' ? failedRun(at, outcome.code) : { at, outcome: outcome.kind, code: null }
}

function failedRun(at: string, code: string): object {
  return { at, outcome: 'failed', code }
}

/** Of today the time alone. */
function clock(moment: Date, now: Date): string {
  const text = formatClock(moment)
  return text.startsWith(formatClock(now).slice(0, -5)) ? text.slice(-5) : text
}
