import { BYTE_ORDER_MARK } from './text.ts'

/** An assignment in a `.env` file, with what is around the value. Offsets are into the text. */
export interface DotenvAssignment {
  readonly name: string
  /** As programs read it: without quotes, and without a comment. */
  readonly value: string
  /** Indentation, and `export ` where it is there. */
  readonly prefix: string
  /** With the blank in front of its `#`; empty where there is none. */
  readonly comment: string
  /** Where its line begins. */
  readonly start: number
  /** Behind its last character, before the line ending. */
  readonly end: number
  /** The number of its first line, from 1. */
  readonly line: number
}

/** What a text assigns, as far as all programs read it in the same way. */
export interface DotenvScan {
  readonly assignments: readonly DotenvAssignment[]
  /**
   * The beginning of a quoted value that has no end, or that programs end in different places; what follows is unknown.
   */
  readonly unclear: { readonly offset: number; readonly line: number } | undefined
}

const PREFIX = /[^\S\r\n]*(?:export[^\S\r\n]+)?/y
/**
 * The only names that `dotenv` for Node knows: it takes the lines in a value of any other name for lines of the file.
 */
const USUAL_NAME = /^[\w.-]+$/
const REST_OF_LINE = /[^\r\n]*/y
/** What may stand behind a closing quote. */
const COMMENT = /^([^\S\r\n]*)(#.*)?$/

/**
 * Finds the assignments of a `.env` file. Lines within a quoted value that goes on over several lines are data. Whether
 * `\'` ends a quoted value is read differently by Node and by most libraries: only what both ways agree on counts.
 */
export function scanDotenv(text: string): DotenvScan {
  const [one, other] = [scanWith(text, true), scanWith(text, false)]
  const differing = one.assignments.findIndex((assignment, index) => !isSame(assignment, other.assignments[index]))
  const common = differing === -1 ? one.assignments.length : differing
  const further = [one.assignments[common], other.assignments[common]].filter((found) => found !== undefined)
  const doubts = [
    ...[one.unclear, other.unclear].filter((found) => found !== undefined),
    ...further.map(({ start, line }) => ({ offset: start, line })),
  ]
  const unclear = doubts.toSorted((a, b) => a.offset - b.offset)[0]
  return { assignments: one.assignments.slice(0, common), unclear }
}

function isSame(one: DotenvAssignment, other: DotenvAssignment | undefined): boolean {
  return one.start === other?.start && one.end === other.end
}

function scanWith(text: string, hasEscapes: boolean): DotenvScan {
  const assignments: DotenvAssignment[] = []
  let offset = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0
  let line = 1
  while (offset < text.length) {
    const found = assignmentAt(text, offset, line, hasEscapes)
    if (found === 'unclear') return { assignments, unclear: { offset, line } }
    if (found !== undefined) assignments.push(found)
    const end = found?.end ?? offset + matchAt(REST_OF_LINE, text, offset).length
    const next = endOfLine(text, end)
    line += linesIn(text.slice(offset, next))
    offset = next
  }
  return { assignments, unclear: undefined }
}

/** Behind the line ending at this offset. */
export function endOfLine(text: string, offset: number): number {
  if (text.startsWith('\r\n', offset)) return offset + 2
  return offset < text.length ? offset + 1 : offset
}

function linesIn(text: string): number {
  return text.split('\n').length - 1
}

function matchAt(pattern: RegExp, text: string, offset: number): string {
  pattern.lastIndex = offset
  return pattern.exec(text)?.[0] ?? ''
}

function assignmentAt(
  text: string,
  start: number,
  line: number,
  hasEscapes: boolean,
): DotenvAssignment | 'unclear' | undefined {
  const prefix = matchAt(PREFIX, text, start)
  const head = headOf(matchAt(REST_OF_LINE, text, start + prefix.length))
  if (head === undefined) return undefined
  const { name, operator } = head
  const valueStart = start + prefix.length + head.length
  const rest = matchAt(REST_OF_LINE, text, valueStart)
  const bare = (): DotenvAssignment => {
    const at = /(?:^|\s)#/.exec(rest)?.index ?? rest.length
    const value = rest.slice(0, at).trim()
    // With the blanks in front of it.
    const comment = at < rest.length ? rest.slice(rest.slice(0, at).trimEnd().length) : ''
    return { name, value, prefix, comment, start, end: valueStart + rest.length, line }
  }
  const quote = /^['"`]/.exec(rest)?.[0]
  if (quote === undefined) return bare()
  const close = closingQuote(text, valueStart + 1, quote, hasEscapes)
  if (close === undefined) return 'unclear'
  const tail = matchAt(REST_OF_LINE, text, close + 1)
  const isOneLine = close < valueStart + rest.length
  const behind = COMMENT.exec(tail)
  // Text after the closing quote makes it no quoted value; over several lines, programs do not agree on it.
  if (behind === null) return isOneLine ? bare() : 'unclear'
  if (!isOneLine && (operator === ':' || !USUAL_NAME.test(name))) return 'unclear'
  const comment = behind[2] === undefined ? '' : tail
  return { name, value: text.slice(valueStart + 1, close), prefix, comment, start, end: close + 1 + tail.length, line }
}

/** The name in front of `=`; `dotenv` for Node reads `NAME: value` too. */
function headOf(
  rest: string,
): { readonly name: string; readonly operator: string; readonly length: number } | undefined {
  const at = /=|:(?=\s)/.exec(rest)
  if (at === null) return undefined
  const name = rest.slice(0, at.index).trim()
  if (name === '' || /[#'"`]/.test(name)) return undefined
  const blanks = /^\s*/.exec(rest.slice(at.index + 1))?.[0].length ?? 0
  return { name, operator: at[0], length: at.index + 1 + blanks }
}

function closingQuote(text: string, from: number, quote: string, hasEscapes: boolean): number | undefined {
  const isEscaped = (at: number): boolean => hasEscapes && at > from && text[at - 1] === '\\'
  let close = text.indexOf(quote, from)
  while (isEscaped(close)) close = text.indexOf(quote, close + 1)
  return close === -1 ? undefined : close
}
