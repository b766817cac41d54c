import type { ShellStart } from '../../shells/shell.ts'
import type { System } from '../../system/system.ts'
import type { Look } from '../outcome.ts'
import { blame, blameHandOver, blameLast, blameWithoutTrace, type BlamedVariable, type Evidence } from './blame.ts'
import type { Cause, Trace } from './cause.ts'
import { gatherFishEvidence } from './fish-trace.ts'
import { gatherPosixEvidence } from './posix-trace.ts'
import { gatherTcshEvidence } from './tcsh-trace.ts'
import { endsForWantOfTerminal } from './terminal.ts'
import { markTextOf } from './trace-format.ts'
import type { TraceRequest } from './trace-request.ts'

/** Traces that have begun, by how the shell is started. */
export type BegunTraces = ReadonlyMap<ShellStart, Promise<Evidence | undefined>>

/**
 * Finds the lines that are to blame for what looks have found: opens the shell again in the same way, with a trace. A
 * trace has values in it: it stays in memory, and only files and lines leave this module. Nothing is thrown, whatever a
 * shell does.
 *
 * @param looks those in which all is as expected are left out
 * @param begun is used where there is one
 */
export async function traceNewShells(
  request: TraceRequest,
  looks: readonly Look[],
  system: System,
  signal: AbortSignal,
  begun: BegunTraces = new Map(),
): Promise<readonly Trace[]> {
  const wanted = looks.filter((look) => isToBeTraced(look))
  return await Promise.all(
    wanted.map(async (look) => {
      const evidence = await (begun.get(look.start) ?? gatherEvidence(look.start, request, system, signal))
      const asksForTerminal = evidence !== undefined && endsForWantOfTerminal(evidence)
      return { start: look.start, causes: causesOf(look, request, evidence), asksForTerminal }
    }),
  )
}

function isToBeTraced({ outcome }: Look): boolean {
  if (outcome.kind === 'answered' || outcome.kind === 'handed-over') {
    return outcome.variables.some(({ state }) => state !== 'same')
  }
  return outcome.kind === 'ended' || outcome.kind === 'too-slow'
}

function causesOf(
  { outcome }: Look,
  { shell, expected, files, blocks }: TraceRequest,
  evidence: Evidence | undefined,
): Trace['causes'] {
  const causeOf = (variable: BlamedVariable): Cause => {
    if (evidence === undefined) {
      const isSearched = shell.family === 'other' && 'variables' in outcome
      return isSearched ? blameWithoutTrace(variable, files, blocks) : { kind: 'unknown' }
    }
    // The last line of half a trace means something only for a shell that is slow itself.
    if (evidence.isCut && (outcome.kind === 'handed-over' || outcome.kind === 'ended')) return { kind: 'unknown' }
    if (outcome.kind === 'handed-over') return blameHandOver(variable, evidence, outcome.to)
    if (outcome.kind === 'answered') return blame(variable, evidence)
    // Where it got ready this time, the trace has nothing to say.
    return evidence.isComplete ? { kind: 'unknown' } : blameLast(evidence, undefined)
  }
  const seen = 'variables' in outcome ? outcome.variables : []
  return expected.flatMap(({ name, secret }, index) => {
    if (seen.find((variable) => variable.name === name)?.state === 'same') return []
    return [{ name, cause: causeOf({ name, index, expected: markTextOf(secret.reveal()) }) }]
  })
}

/** Opens a shell with a trace, and reads what it did; undefined where it cannot be traced. */
export async function gatherEvidence(
  start: ShellStart,
  request: TraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<Evidence | undefined> {
  const { shell } = request
  if (shell.family === 'posix') return await gatherPosixEvidence(start, { ...request, shell }, system, signal)
  if (shell.name === 'fish') return await gatherFishEvidence(start, request, system, signal)
  return shell.name === 'tcsh' ? await gatherTcshEvidence(start, request, system, signal) : undefined
}
