import type { Look } from '../outcome.ts'
import { type Evidence, recordsBeforeTheEnd } from './blame.ts'
import type { Place, Trace } from './cause.ts'
import { textOf } from './search.ts'
import { isPlace, type TraceRecord } from './trace-format.ts'

/** Commands that fail, or say no, where there is no terminal; bash and mksh show brackets in quotes. */
const ASKS = /^(?:command )?(?:\/\S*\/)?(?:(?:\[\[?|test) (?:.* )?-t \d|tty\b|stty\b)/
/** Between the question and the end there may be a message. */
const MOST_BETWEEN = 2

/** Whether a shell ended because of what it got to know when it asked for a terminal: in one it might not have. */
export function endsForWantOfTerminal({ records, isComplete, isCut }: Evidence): boolean {
  if (isComplete || isCut) return false
  const last = recordsBeforeTheEnd(records).slice(-2 - MOST_BETWEEN)
  const at = last.findLastIndex(({ command }) => ASKS.test(command.replaceAll("'", '')))
  const [question, ...after] = at === -1 ? [] : last.slice(at)
  return question !== undefined && after.every((record) => isBoundTo(question, record, after.length))
}

/**
 * Whether a command is in the line of the question, or further in, as within an `if`: otherwise it is run in any case,
 * and so is what follows. A question in a function is where that is called, too.
 */
function isBoundTo(question: TraceRecord, record: TraceRecord, distance: number): boolean {
  const [place] = record.route
  // dash shows no lines.
  if (place === undefined || place.line === undefined) return distance === 1
  if (question.route.some(({ file, line }) => file === place.file && line === place.line)) return true
  const [asked] = question.route
  const isOneFile = asked !== undefined && isPlace(asked) && isPlace(place) && asked.file === place.file
  return isOneFile && indent(place) > indent(asked)
}

function indent(place: Place): number {
  return textOf(place).search(/\S/)
}

/** What the traces make of the looks: a shell that ended for want of a terminal says nothing of those in terminals. */
export function withoutWantOfTerminal<Seen extends Look>(
  looks: readonly Seen[],
  traces: readonly Trace[],
): readonly Seen[] {
  return looks.map((look) => {
    const trace = traces.find(({ start }) => start === look.start)
    return look.outcome.kind === 'ended' && trace?.asksForTerminal === true
      ? { ...look, outcome: { kind: 'could-not-look', reason: 'ends-without-a-terminal' } }
      : look
  })
}
