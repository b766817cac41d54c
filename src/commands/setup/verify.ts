import { existsSync } from 'node:fs'
import { CancelledError } from '../../errors.ts'
import { readFileState } from '../../files/read.ts'
import { explain, type Finding } from '../../look/explain.ts'
import { lookIntoNewShells, LOOK_TIMEOUT_MS, type LookRequest } from '../../look/look.ts'
import { verdictOf, type Look } from '../../look/outcome.ts'
import type { BlockPlace } from '../../look/search.ts'
import { traceNewShells } from '../../look/trace.ts'
import { countLines, findBlock } from '../../profile/block.ts'
import type { ShellStart } from '../../shells/shell.ts'
import { changeStore } from '../../store/change/transaction.ts'
import type { Change, Position } from '../../store/plan.ts'
import { markFiles, type Seen } from '../../store/seen.ts'
import type { NewTerminals, PreparedStore } from '../../store/store.ts'
import type { StoredValue } from '../../store/stored.ts'
import type { Surroundings } from '../../ui/surroundings.ts'

/** What a trace gets even where the looks took all the time that there was for them. */
const SHORTEST_TRACE_MS = 3_000

type Shells = Extract<NewTerminals, { kind: 'shells' }>

/**
 * Opens new shells and looks whether they have what was stored. Where one does not, the block moves to the other end of
 * the file that it reads, and they are looked at again. What was seen is remembered.
 *
 * @returns undefined where nothing was opened
 */
export async function verifyNewTerminals(
  store: PreparedStore,
  values: readonly StoredValue[],
  isWanted: boolean,
  surroundings: Surroundings,
): Promise<Seen | undefined> {
  const { system, reporter } = surroundings
  const { newTerminals } = store.describe()
  if (newTerminals.kind === 'system' || !isWanted) return undefined
  const checkedAt = system.now().toISOString()
  const seen = await system.interruptible(async (signal) => {
    const endsAt = system.elapsedMs() + LOOK_TIMEOUT_MS
    const { shell, program, home, starts } = newTerminals
    const request = (): LookRequest => {
      const timeoutMs = Math.max(1, endsAt - system.elapsedMs())
      return { shell, program, home, starts, expected: values, timeoutMs }
    }
    const look = async (): Promise<readonly Look[]> => {
      const looks = await reporter.during('Opening new shells to see that they have the values', () =>
        lookIntoNewShells(request(), system, signal),
      )
      if (signal.aborted) throw new CancelledError('the values are stored; new terminals were not looked at')
      return looks
    }
    const looks = await lookAtEachEnd(await look(), look, store, newTerminals, surroundings)
    const outcome = judge(looks)
    const explained = outcome === 'seen' ? [] : await findReasons(request(), looks, newTerminals, surroundings, signal)
    if (signal.aborted) throw new CancelledError('the values are stored; why new terminals lack them was not found out')
    const findings = explained.map(({ message, cure }) => (cure === undefined ? message : `${message} ${cure}`))
    return { outcome, checkedAt, findings, files: markFiles(newTerminals.files) }
  })
  for (const finding of seen.findings) reporter.warn(finding)
  await changeStore<Change['kind'], undefined>(
    store,
    system,
    () => undefined,
    async () => ({ kind: 'change', change: { kind: 'remember', seen }, result: undefined }),
  )
  return seen
}

/** Which file and line is to blame, from a trace of the shells that lack a value. */
async function findReasons(
  request: LookRequest,
  looks: readonly Look[],
  { files, loadPoints, shell, home }: Shells,
  { system, reporter }: Surroundings,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const blocks = loadPoints.flatMap(({ path }) => blockPlace(path))
  // Half a trace would blame the wrong line.
  const timeoutMs = Math.max(request.timeoutMs ?? 0, SHORTEST_TRACE_MS)
  const traces = await reporter.during('Finding the line that is to blame', () =>
    traceNewShells({ ...request, timeoutMs, files, blocks }, looks, system, signal),
  )
  return explain({ shell: shell.name, home, looks, traces })
}

function blockPlace(path: string): readonly BlockPlace[] {
  const { bytes } = readFileState(path)
  const found = bytes === undefined ? undefined : findBlock(bytes)
  if (bytes === undefined || found?.kind !== 'block') return []
  const lineOf = countLines(bytes)
  // In the order of the file: the second marker is the last line of the block.
  return [{ file: path, firstLine: lineOf(found.span.start), lastLine: lineOf(found.span.end - 1) }]
}

/** Where some shell lacks a value, looks again with the block at the end of its file, and then at the beginning. */
async function lookAtEachEnd(
  first: readonly Look[],
  look: () => Promise<readonly Look[]>,
  store: PreparedStore,
  newTerminals: Shells,
  { system, reporter }: Surroundings,
): Promise<readonly Look[]> {
  const failing = first.filter(({ outcome }) => verdictOf(outcome) === 'not-seen').map(({ start }) => start)
  if (failing.length === 0) return first
  const profiles = profilesReadBy(failing, newTerminals)
  const place = async (position: Position): Promise<boolean> => {
    const change: Change = { kind: 'place', position, profiles }
    const decide = async () => ({ kind: 'change', change, result: undefined }) as const
    const changed = await changeStore<Change['kind'], undefined>(store, system, () => undefined, decide)
    return changed.kind === 'changed' && changed.plan.steps.length > 0
  }
  const count = (looks: readonly Look[]): number => looks.filter(({ outcome }) => verdictOf(outcome) === 'seen').length
  let best: { readonly position: Position; readonly looks: readonly Look[] } = { position: 'behind', looks: first }
  let current: Position = 'behind'
  for (const position of ['end', 'beginning'] as const) {
    if (!(await place(position))) continue
    current = position
    const looks = await look()
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

function profilesReadBy(starts: readonly ShellStart[], { loadPoints }: Shells): readonly string[] {
  return loadPoints
    .filter(({ path, readBy }) => readBy.some((start) => starts.includes(start)) && existsSync(path))
    .map(({ path }) => path)
}

/** What all of them together come to: one that lacks a value outweighs one that could not be looked at. */
function judge(looks: readonly Look[]): Seen['outcome'] {
  const verdicts = looks.map(({ outcome }) => verdictOf(outcome))
  if (verdicts.includes('not-seen')) return 'not-seen'
  return verdicts.includes('not-looked') ? 'not-checked' : 'seen'
}
