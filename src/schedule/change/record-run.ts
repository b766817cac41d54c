import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, type Attempt } from '../../errors.ts'
import { applyFileSteps } from '../../store/change/perform.ts'
import { PRIVATE, privateFile, privateFileStep } from '../../store/own-files.ts'
import { scheduleDirectory } from '../directory.ts'
import { readRuns, renderRuns, RUNS_FILE, type RunOutcome } from '../job.ts'
import { HISTORY_FILE } from './file-names.ts'

const HISTORY_MAX_BYTES = 64 * 1024
const HISTORY_LINES = 200

/**
 * Does the work of a run that the scheduler started, and remembers how it ended.
 *
 * @param storeDirectory the private directory of the store
 */
export async function recordRun(
  storeDirectory: string,
  now: () => Date,
  work: () => Promise<'renewed' | 'kept'>,
): Promise<void> {
  // What is thrown and was not to be expected is a failure too.
  let outcome: RunOutcome = { kind: 'failed', code: 'bug', message: 'acs-env has a bug.' }
  try {
    const done = await attempt(work)
    outcome = outcomeOf(done)
    if (done.kind === 'failed') throw done.error
  } finally {
    // Where nothing can be written, how the run itself ended is still the answer.
    await attempt(async () => remember(scheduleDirectory(storeDirectory), now(), outcome))
  }
}

function outcomeOf(done: Attempt<'renewed' | 'kept'>): RunOutcome {
  if (done.kind === 'done') return { kind: done.value === 'renewed' ? 'renewed' : 'not-due' }
  return { kind: 'failed', code: done.error.code, message: done.error.message }
}

function remember(directory: string, now: Date, outcome: RunOutcome): void {
  // It was unscheduled meanwhile.
  if (!existsSync(directory)) return
  const at = now.toISOString()
  const before = readRuns(directory)
  const failed = outcome.kind === 'failed'
  const runs = renderRuns({
    last: { at, outcome },
    lastSuccessAt: failed ? before?.lastSuccessAt : at,
    failures: failed ? (before?.failures ?? 0) + 1 : 0,
    failingSince: failed ? (before?.failingSince ?? at) : undefined,
  })
  applyFileSteps(privateFileStep(privateFile(directory, RUNS_FILE), runs), directory)
  try {
    if (outcome.kind !== 'not-due') note(join(directory, HISTORY_FILE), at, outcome)
  } catch {
    // The history is for people to read; nothing depends on it.
  }
}

/** A line for each run that did something, for who looks into it later. */
function note(path: string, at: string, outcome: RunOutcome): void {
  const what = outcome.kind === 'failed' ? `failed ${outcome.code}: ${outcome.message}` : outcome.kind
  appendFileSync(path, `${at} ${what}\n`, { mode: PRIVATE })
  if (statSync(path).size <= HISTORY_MAX_BYTES) return
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  writeFileSync(path, `${lines.slice(-HISTORY_LINES).join('\n')}\n`, { mode: PRIVATE })
}
