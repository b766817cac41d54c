import { attempt } from '../errors.ts'
import { lookIntoNewShells, type LookRequest } from '../look/look.ts'
import { verdictOf, type Look } from '../look/outcome.ts'
import { blockPlacesIn } from '../look/reasons/block-places.ts'
import { explain, type ExplainedFinding, type Finding } from '../look/reasons/explain.ts'
import { withoutWantOfTerminal } from '../look/reasons/terminal.ts'
import { traceNewShells } from '../look/reasons/trace.ts'
import { explainUnknownShell } from '../look/reasons/unknown-shell.ts'
import { prepareStore } from '../platforms/resolve.ts'
import { isLoginShellName, loginShellNameOf } from '../shell-names.ts'
import type { ShellStart } from '../shells/shell.ts'
import type { OpenableShells } from '../store/store.ts'
import type { StartupRecord } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import type { StoredVariable } from './facts.ts'

/** The least time for a trace, even where the looks took all of it: half a trace would blame the wrong line. */
const SHORTEST_TRACE_MS = 3_000

/** A look, and how long it took. */
export interface NewShell extends Look {
  /** `bash` */
  readonly shell: string
  readonly durationMs: number
}

/** What new shells have, and which lines are to blame for what they lack. */
export type NewShells =
  | {
      readonly kind: 'looked'
      readonly shells: readonly NewShell[]
      readonly findings: readonly ExplainedFinding[]
    }
  /** Nobody knows what it reads when it starts. */
  | { readonly kind: 'unknown-shell'; readonly finding: Finding }
  /** None was opened; as a clause. */
  | { readonly kind: 'left-out'; readonly reason: string }
  /** They could not be opened; a sentence, and what to do. */
  | { readonly kind: 'failed'; readonly message: string; readonly hint: string | undefined }

/**
 * Opens the shell that was set up, side by side as a login shell and as one that is not, and compares what they hand on
 * with what is stored. One that lacks a value is opened again with a trace.
 *
 * @param timeoutMs for opening them; a trace may take 3 seconds more
 */
export async function openNewShells(
  variables: readonly StoredVariable[],
  startup: StartupRecord | undefined,
  system: System,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<NewShells> {
  if (variables.length === 0) return { kind: 'left-out', reason: 'nothing is stored' }
  const prepared = await attempt(async () => (await prepareStore(wishOf(startup, system), system)).describe())
  if (prepared.kind === 'failed') {
    const { message, hint } = prepared.error
    return { kind: 'failed', message, hint }
  }
  const { newTerminals } = prepared.value
  if (newTerminals.kind === 'system') return { kind: 'left-out', reason: 'the system itself hands the values on' }
  if (newTerminals.kind === 'programs') return { kind: 'left-out', reason: 'programs load the values from a .env file' }
  if (newTerminals.kind === 'unknown-shell') {
    return { kind: 'unknown-shell', finding: explainUnknownShell(newTerminals.program) }
  }
  return await lookAndTrace(newTerminals, variables, system, timeoutMs, signal)
}

/** The shell that was set up; by its own program where it is the user's login shell. */
function wishOf(startup: StartupRecord | undefined, { env, accountShell }: System) {
  if (startup !== undefined && !isLoginShellName(startup.shell)) {
    return { shell: undefined, rcFile: undefined, inline: false }
  }
  const current = env.SHELL ?? accountShell()
  const isCurrent = current !== undefined && loginShellNameOf(current) === startup?.shell
  return { shell: isCurrent ? undefined : startup?.shell, rcFile: startup?.rcFile, inline: false }
}

async function lookAndTrace(
  { shell, program, home, starts, loadPoints, files, askedMs }: OpenableShells,
  expected: LookRequest['expected'],
  system: System,
  wholeMs: number,
  signal: AbortSignal,
): Promise<NewShells> {
  const timeoutMs = Math.max(wholeMs - askedMs, 1)
  const endsAt = system.elapsedMs() + timeoutMs
  const request: LookRequest = { shell, program, home, starts, files, expected, timeoutMs }
  // One by one, to know how long each takes.
  const opened = await Promise.all(starts.map((start) => openOne(request, start, system, signal)))
  const traces = await traceNewShells(
    {
      ...request,
      timeoutMs: Math.max(endsAt - system.elapsedMs(), SHORTEST_TRACE_MS),
      blocks: blockPlacesIn(loadPoints.map(({ path }) => path)),
    },
    opened,
    system,
    signal,
  )
  const shells = withoutWantOfTerminal(opened, traces)
  const loadedBy = loadPoints[0]?.kind ?? 'block'
  return { kind: 'looked', shells, findings: explain({ shell: shell.name, home, loadedBy, looks: shells, traces }) }
}

async function openOne(
  request: LookRequest,
  start: ShellStart,
  system: System,
  signal: AbortSignal,
): Promise<NewShell> {
  const began = system.elapsedMs()
  const [look] = await lookIntoNewShells({ ...request, starts: [start] }, system, signal)
  if (look === undefined) throw new Error('One start is one look.')
  return { ...look, shell: request.shell.name, durationMs: Math.round(system.elapsedMs() - began) }
}

/** Whether a shell that is started in this way was seen to lack a value; else nothing is known of it, or it has them all. */
export function lacksValues(shells: readonly NewShell[], start: ShellStart): boolean {
  return shells.some((shell) => shell.start === start && verdictOf(shell.outcome) === 'not-seen')
}
