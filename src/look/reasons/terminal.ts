import type { Look } from '../outcome.ts'
import { type Evidence, recordsBeforeTheEnd } from './blame.ts'
import type { Place, Trace } from './cause.ts'
import { textOf } from './search.ts'
import { isPlace, type TraceRecord } from './trace-format.ts'

/** Commands that fail, or say no, where there is no terminal. */
const ASKS = /^(?:(?:\[\[?|test) (?:! )?-t \d|tty\b|stty\b)/
/** Between the question and the end there may be a message. */
const MOST_BETWEEN = 2

/** Whether a shell ended because of what it got to know when it asked for a terminal: in one it might not have. */
export function endsForWantOfTerminal({ records, isComplete, isCut }: Evidence): boolean {
  if (isComplete || isCut) return false
  const last = recordsBeforeTheEnd(records).slice(-2 - MOST_BETWEEN)
  const end = last.at(-1)
  return end !== undefined && last.some((record) => asksForTerminal(record) && isBoundTo(record, end))
}

/** bash and mksh show brackets in quotes. */
function asksForTerminal({ command }: TraceRecord): boolean {
  return ASKS.test(command.replaceAll("'", ''))
}

/**
 * Whether the end is in the same line, or further in, as within an `if`: otherwise the shell ends there in any case.
 * dash shows no lines.
 */
function isBoundTo(question: TraceRecord, end: TraceRecord): boolean {
  const [asked] = question.route
  const [ended] = end.route
  if (asked?.line === ended?.line) return asked?.file === ended?.file
  return asked !== undefined && ended !== undefined && isPlace(asked) && isPlace(ended) && indent(ended) > indent(asked)
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
