import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { attempt, CancelledError, CliError } from '../../errors.ts'
import { makeDirectory, removeEmptyDirectories } from '../../files/change/directory.ts'
import { fileError } from '../../files/file-error.ts'
import { applyFileSteps, undoFileSteps } from '../../store/change/perform.ts'
import { PRIVATE } from '../../store/own-files.ts'
import type { RunResult, System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import type { Command, CopyStep, FileStep, Retry, RunStep, ScheduleStep } from './scheduler.ts'

/** Longer than any scheduler takes; one that hangs is a failure like another. */
export const PROGRAM_TIMEOUT_MS = 30_000
/** For a question that changes nothing. Two that hang, one after the other, are to take no quarter of a minute. */
export const QUESTION_TIMEOUT_MS = 7_000

/** What was done so far, and how to take it back. */
export interface Journal {
  /** Performs the steps in order. Where one fails nothing is taken back yet: that is for `undo`. */
  perform(steps: readonly ScheduleStep[]): Promise<void>
  /** Takes everything back that was performed, the last first, as far as it can be. */
  undo(): Promise<void>
  /** Directories that were made on the way, the deepest first. */
  readonly createdDirectories: readonly string[]
}

/** @param directory our own, private one */
export function createJournal(directory: string, system: System, signal: AbortSignal): Journal {
  const undos: (() => Promise<void>)[] = []
  const created: string[] = []

  const perform = async (steps: readonly ScheduleStep[]): Promise<void> => {
    for (const step of steps) {
      if (signal.aborted) throw new CancelledError()
      if (step.kind === 'run') {
        // First: one that fails may have come half the way.
        undos.push(() => undoRun(step, system))
        await performRun(step, system, signal)
      } else if (step.kind === 'copy') {
        if (!existsSync(step.to)) undos.push(async () => rmSync(step.to, { recursive: true, force: true }))
        copyProgram(step)
      } else {
        if (step.kind === 'write') makeDirectory(dirname(step.path), created)
        applyFileSteps([step], directory)
        undos.push(async () => undoFileSteps([step]))
      }
    }
  }

  const undo = async (): Promise<void> => {
    for (const each of undos.toReversed()) await each()
    undos.length = 0
    removeEmptyDirectories(created)
  }

  return { perform, undo, createdDirectories: created }
}

/**
 * Performs steps that take something away: one that fails does not keep the others from being done.
 *
 * @returns what failed
 */
export async function performRemoval(
  steps: readonly ScheduleStep[],
  directory: string,
  system: System,
  signal: AbortSignal,
): Promise<readonly CliError[]> {
  const failures: CliError[] = []
  for (const step of steps) {
    const done = await attempt(async () => {
      if (step.kind === 'run') await performRun(step, system, signal)
      else if (step.kind !== 'copy') applyFileSteps([step], directory)
    })
    if (done.kind === 'failed') failures.push(done.error)
  }
  return failures
}

/** Runs a program of a scheduler; its answers are in English where it knows how. */
function runCommand(
  { program, args, env }: Command,
  system: System,
  signal?: AbortSignal,
  timeoutMs = PROGRAM_TIMEOUT_MS,
): Promise<RunResult> {
  return system.run(program, args, {
    timeoutMs,
    ...(env !== undefined && { env }),
    ...(signal !== undefined && { signal }),
  })
}

/** Asks a scheduler's program something; nothing is changed by it. */
export function ask(command: Command, system: System): Promise<RunResult> {
  return runCommand(command, system, undefined, QUESTION_TIMEOUT_MS)
}

/**
 * Whether a scheduler's program says yes, by its exit code.
 *
 * @throws CliError where it does not answer: a job that could not be asked for may well be there
 */
export async function saysYes(command: Command, system: System): Promise<boolean> {
  const result = await ask(command, system)
  if (result.kind === 'exited') return result.exitCode === 0
  const program = nameOf(command)
  throw new CliError(`${program} does not say whether the job is there (${describeEnd(result)}).`, {
    code: 'scheduler',
    hint: `try again; to look for yourself: ${[program, ...command.args].join(' ')}`,
  })
}

/** The program as people know it: `schtasks.exe`. */
export function nameOf({ program }: Command): string {
  return program.replace(/^.*[\\/]/, '')
}

/** How a program ended, for the end of a sentence. What it said is repeated where it is plain text in English. */
export function describeEnd(result: RunResult): string {
  switch (result.kind) {
    case 'exited':
      return `exit ${result.exitCode}${firstLine(result.stderr)}`
    case 'killed':
      return `ended by ${result.signal}`
    case 'timed-out':
      return 'it did not end in time'
    case 'not-started':
      return result.code === 'ENOENT' ? 'it is not installed' : `it could not be started: ${result.code}`
    default:
      return result satisfies never
  }
}

const LONGEST_LINE = 200

/** What is not ASCII is in another language, or in an unknown code page. */
function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0]?.trim() ?? ''
  const isPlain = /^[\u0020-\u007E]+$/.test(line)
  return isPlain ? `: ${printable(line.slice(0, LONGEST_LINE))}` : ''
}

async function performRun(step: RunStep, system: System, signal: AbortSignal): Promise<void> {
  const { command, retry, alsoFine } = step
  const first = await runCommand(command, system, signal)
  const result = retry === undefined ? first : await tryAgain(command, first, retry, system, signal)
  if (signal.aborted) throw new CancelledError()
  if (result.kind === 'exited' && (result.exitCode === 0 || alsoFine === 'all' || alsoFine.includes(result.exitCode)))
    return
  throw new CliError(`${step.failure} (${describeEnd(result)}).`, { code: 'scheduler', hint: step.hint })
}

async function tryAgain(
  command: Command,
  first: RunResult,
  retry: Retry,
  system: System,
  signal: AbortSignal,
): Promise<RunResult> {
  let result = first
  for (let tries = 0; tries < retry.times; tries += 1) {
    if (result.kind !== 'exited' || !retry.exitCodes.includes(result.exitCode)) break
    await sleep(retry.delayMs)
    await runCommand(retry.first, system, signal)
    result = await runCommand(command, system, signal)
  }
  return result
}

async function undoRun({ undo }: RunStep, system: System): Promise<void> {
  if (undo !== undefined) await runCommand(undo, system)
}

/** Complete or not there at all: a job that starts meanwhile must not find half of a program. */
function copyProgram({ from, to, names }: CopyStep): void {
  const unfinished = `${to}.unfinished`
  try {
    rmSync(unfinished, { recursive: true, force: true })
    makeDirectory(dirname(to))
    mkdirSync(unfinished, { mode: 0o700 })
    for (const name of names) {
      copyFileSync(join(from, name), join(unfinished, name))
      chmodSync(join(unfinished, name), PRIVATE)
    }
    rmSync(to, { recursive: true, force: true })
    renameSync(unfinished, to)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    throw fileError('written', to, error)
  }
}

/** The step that makes a file have these contents; none where it has them. */
export function writeStep(
  state: FileStep['file'],
  path: string,
  contents: Buffer,
  mode: number,
  shown: FileStep['shown'],
): readonly FileStep[] {
  const isSame = state.bytes?.equals(contents) === true && (state.mode === undefined || state.mode === mode)
  return isSame ? [] : [{ kind: 'write', path, file: state, contents, mode, shown }]
}
