import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { CancelledError } from '../../errors.ts'
import { lookIntoNewShells, LOOK_TIMEOUT_MS, type LookRequest } from '../../look/look.ts'
import { verdictOf, type Look } from '../../look/outcome.ts'
import { blockPlacesIn } from '../../look/reasons/block-places.ts'
import { explain, type Finding } from '../../look/reasons/explain.ts'
import { withoutWantOfTerminal } from '../../look/reasons/terminal.ts'
import type { TraceRequest } from '../../look/reasons/trace-request.ts'
import { type BegunTraces, gatherEvidence, traceNewShells } from '../../look/reasons/trace.ts'
import { explainUnknownShell } from '../../look/reasons/unknown-shell.ts'
import type { LoadPoint, ShellStart } from '../../shells/shell.ts'
import { changeStore } from '../../store/change/transaction.ts'
import type { Change, Position } from '../../store/plan.ts'
import { markFile, type Seen } from '../../store/seen.ts'
import type { OpenableShells, PreparedStore } from '../../store/store.ts'
import { storedValue } from '../../store/stored-token.ts'
import type { StoredValue } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import type { Surroundings } from '../../ui/surroundings.ts'

/** The part of the whole time limit that is kept for a trace. */
const TRACE_MS = 3_000

/**
 * Opens new shells and looks whether they have what was stored. Where one does not, the block moves to the other end of
 * the file that it reads, and they are looked at again. What was seen is remembered.
 *
 * @returns undefined where nothing was opened, or another run has stored something else meanwhile
 */
export async function verifyNewTerminals(
  store: PreparedStore,
  values: readonly StoredValue[],
  isWanted: boolean,
  surroundings: Surroundings,
): Promise<Seen | undefined> {
  const { system, reporter } = surroundings
  const { newTerminals } = store.describe()
  if (newTerminals.kind === 'system' || newTerminals.kind === 'programs') return undefined
  if (newTerminals.kind === 'unknown-shell') {
    // No need to look: nothing loads the values into such a shell.
    const { message, cure } = explainUnknownShell(newTerminals.program)
    const findings = [`${message} ${cure}`]
    const seen: Seen = { outcome: 'not-seen', checkedAt: system.now().toISOString(), findings, files: [] }
    return await remember(seen, store, surroundings)
  }
  if (!isWanted) return undefined
  const checkedAt = system.now().toISOString()
  const seen = await system.interruptible(async (signal) => {
    const { shell, program, home, starts, files, loadPoints, askedMs } = newTerminals
    const wholeMs = LOOK_TIMEOUT_MS - askedMs
    const endsAt = system.elapsedMs() + wholeMs
    const request = (until: number): LookRequest => {
      const timeoutMs = Math.max(1, until - system.elapsedMs())
      return { shell, program, home, starts, files, expected: values, timeoutMs }
    }
    const traceRequest = (): TraceRequest => ({
      ...request(endsAt),
      blocks: blockPlacesIn(loadPoints.map(({ path }) => path)),
    })
    // A shell reads whatever is in the directory of a file of its own that setup has put there.
    const directories = loadPoints.filter(({ kind }) => kind === 'drop-in').map(({ path }) => dirname(path))
    const mark = (): Seen['files'] => [...files, ...directories].map(markFile)
    let marksBefore: Seen['files'] = []
    const look = async (until: number): Promise<readonly Look[]> => {
      marksBefore = mark()
      const looks = await reporter.during('Opening new shells to see that they have the values', () =>
        lookIntoNewShells(request(until), system, signal),
      )
      if (signal.aborted) throw new CancelledError('the values are stored; new terminals were not looked at')
      return looks
    }
    const isOvertaken = async (looks: readonly Look[]): Promise<boolean> =>
      judge(looks) === 'not-seen' && !(await isStill(store, values))
    const late = beginTracesAfter(wholeMs - TRACE_MS, starts, traceRequest, system, signal)
    try {
      const first = await look(endsAt).finally(late.stop)
      // Before the block is moved: it is not to blame.
      if (await isOvertaken(first)) return undefined
      const looksUntil = endsAt - TRACE_MS
      const again = {
        hasTime: () => system.elapsedMs() < looksUntil,
        look: () => look(looksUntil),
      }
      const looks = await lookAtEachEnd(first, again, store, newTerminals, surroundings)
      if (await isOvertaken(looks)) return undefined
      const { outcome, explained } =
        judge(looks) === 'seen'
          ? { outcome: 'seen' as const, explained: [] }
          : await findReasons(traceRequest(), loadPoints[0]?.kind ?? 'block', looks, late.begun, surroundings, signal)
      if (signal.aborted)
        throw new CancelledError('the values are stored; why new terminals lack them was not found out')
      const findings = explained.map(({ message, cure }) => (cure === undefined ? message : `${message} ${cure}`))
      // A change while they were starting they may not have read. After a look that failed we moved the block ourselves.
      return { outcome, checkedAt, findings, files: outcome === 'seen' ? marksBefore : mark() }
    } finally {
      await late.end()
    }
  })
  if (seen !== undefined) return await remember(seen, store, surroundings)
  // The other run looks, and notes down what it sees.
  reporter.note('another acs-env stored something else meanwhile, so new terminals were not looked at for this.')
  return undefined
}

/** Whether what was stored is what is stored: new shells have what another run has stored since. */
async function isStill(store: PreparedStore, values: readonly StoredValue[]): Promise<boolean> {
  const found = await store.find()
  const held = (['connection-string', 'access-token', 'endpoint'] as const).map((kind) => storedValue(found, kind))
  return values.every(({ secret }) => held.some((other) => other?.equals(secret)))
}

/** Says what was found, and notes it down. */
async function remember(seen: Seen, store: PreparedStore, { system, reporter }: Surroundings): Promise<Seen> {
  for (const finding of seen.findings) reporter.warn(finding)
  await changeStore<Change['kind'], undefined>(
    store,
    system,
    () => undefined,
    async () => ({ kind: 'change', change: { kind: 'remember', seen }, result: undefined }),
  )
  return seen
}

interface LateTraces {
  readonly begun: BegunTraces
  /** Begins no further ones. */
  stop(): void
  /** Ends those that are not over. */
  end(): Promise<void>
}

/** A shell that takes this long is probably too slow: then its trace runs beside it, and takes no time of its own. */
function beginTracesAfter(
  delayMs: number,
  starts: readonly ShellStart[],
  request: () => TraceRequest,
  system: System,
  signal: AbortSignal,
): LateTraces {
  const unneeded = new AbortController()
  const either = AbortSignal.any([signal, unneeded.signal])
  const begun = new Map<ShellStart, ReturnType<typeof gatherEvidence>>()
  const timer = setTimeout(() => {
    for (const start of starts) begun.set(start, gatherEvidence(start, request(), system, either))
  }, delayMs)
  return {
    begun,
    stop: () => clearTimeout(timer),
    end: async () => {
      unneeded.abort()
      await Promise.all(begun.values())
    },
  }
}

/** Which file and line is to blame, from a trace of the shells that lack a value, and what that makes of their outcome. */
async function findReasons(
  request: TraceRequest,
  loadedBy: LoadPoint['kind'],
  looks: readonly Look[],
  begun: BegunTraces,
  { system, reporter }: Surroundings,
  signal: AbortSignal,
): Promise<{ readonly outcome: Seen['outcome']; readonly explained: readonly Finding[] }> {
  const traces = await reporter.during('Finding the line that is to blame', () =>
    traceNewShells(request, looks, system, signal, begun),
  )
  const traced = withoutWantOfTerminal(looks, traces)
  const explained = explain({ shell: request.shell.name, home: request.home, loadedBy, looks: traced, traces })
  return { outcome: judge(traced), explained }
}

/** Where some shell lacks a value, looks again with the block at the end of its file, and then at the beginning. */
async function lookAtEachEnd(
  first: readonly Look[],
  again: { readonly hasTime: () => boolean; readonly look: () => Promise<readonly Look[]> },
  store: PreparedStore,
  newTerminals: OpenableShells,
  { system, reporter }: Surroundings,
): Promise<readonly Look[]> {
  const failing = first.filter(({ outcome }) => verdictOf(outcome) === 'not-seen').map(({ start }) => start)
  if (failing.length === 0) return first
  const profiles = profilesReadBy(failing, newTerminals)
  if (profiles.length === 0) return first
  const place = async (position: Position): Promise<boolean> => {
    const change: Change = { kind: 'place', position, profiles }
    const decide = async () => ({ kind: 'change', change, result: undefined }) as const
    const changed = await changeStore<Change['kind'], undefined>(store, system, () => undefined, decide)
    if (changed.kind === 'kept') return false
    for (const warning of changed.applied.warnings) reporter.warn(warning)
    return changed.plan.steps.length > 0
  }
  const count = (looks: readonly Look[]): number => looks.filter(({ outcome }) => verdictOf(outcome) === 'seen').length
  let best: { readonly position: Position; readonly looks: readonly Look[] } = { position: 'behind', looks: first }
  let current: Position = 'behind'
  for (const position of ['end', 'beginning'] as const) {
    if (!again.hasTime()) break
    if (!(await place(position))) continue
    current = position
    const looks = await again.look()
    if (count(looks) > count(best.looks)) best = { position, looks }
    if (judge(looks) === 'seen') break
  }
  if (best.position !== current) await place(best.position)
  else if (current !== 'behind') {
    const { show } = store.describe()
    const files = profiles.map(show).join(' and ')
    reporter.note(`the block moved to the ${current} of ${files}, where new terminals read it.`)
  }
  return best.looks
}

function profilesReadBy(starts: readonly ShellStart[], { loadPoints }: OpenableShells): readonly string[] {
  return loadPoints
    .filter(
      ({ kind, path, readBy }) =>
        kind === 'block' && readBy.some((start) => starts.includes(start)) && existsSync(path),
    )
    .map(({ path }) => path)
}

/** The outcome of all of them: one that lacks a value outweighs one that could not be looked at. */
function judge(looks: readonly Look[]): Seen['outcome'] {
  const verdicts = looks.map(({ outcome }) => verdictOf(outcome))
  if (verdicts.includes('not-seen')) return 'not-seen'
  if (verdicts.length === 0) return 'not-checked'
  return verdicts.includes('not-looked') ? 'not-checked' : 'seen'
}
