import { CliError } from '../errors.ts'
import { isDropIn } from './drop-in.ts'

const BEGIN = '# >>> acs-env >>>'
const END = '# <<< acs-env <<<'
/** A part of both markers, so that one search finds them: a profile may be large. */
const MIDDLE = ' acs-env '
const MIDDLE_START = BEGIN.indexOf(MIDDLE)
/** Nobody looks at more lines than that one by one. */
const MOST_LISTED = 10
export const LINE_FEED = 0x0a
export const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf)
/** Space, tab, vertical tab, form feed, carriage return. */
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0b, 0x0c, 0x0d])

/** Bytes of a file: from `start` up to, and without, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The whole block: marker, lines, marker. Always with LF: a CR would become part of the value. */
export function blockText(lines: readonly string[]): string {
  return [BEGIN, ...lines, END, ''].join('\n')
}

/** Whether a file has the block, or at least a part of it, or is wholly ours. */
export function hasMarker(bytes: Buffer | undefined): boolean {
  return bytes !== undefined && (isDropIn(bytes) || markerLines(bytes).length > 0)
}

/**
 * Where the block stands, with both marker lines; `broken` where a marker has no partner, or there are two blocks. A file
 * that is wholly ours is one block.
 */
export type FoundBlock =
  | { readonly kind: 'none' }
  | { readonly kind: 'block'; readonly span: Span }
  | { readonly kind: 'broken'; readonly problem: string; readonly hint: string }

export function findBlock(bytes: Buffer): FoundBlock {
  if (isDropIn(bytes)) return { kind: 'block', span: { start: 0, end: bytes.length } }
  const markers = markerLines(bytes)
  const begins = markers.filter(({ marker }) => marker === BEGIN)
  const ends = markers.filter(({ marker }) => marker === END)
  const [begin] = begins
  const [end] = ends
  if (begin === undefined && end === undefined) return { kind: 'none' }
  if (begins.length === 1 && ends.length === 1 && begin !== undefined && end !== undefined && begin.start < end.start) {
    return { kind: 'block', span: { start: begin.start, end: end.end } }
  }
  const lineOf = countLines(bytes)
  const lines = markers.slice(0, MOST_LISTED).map(({ start }) => lineOf(start))
  const more = markers.length > MOST_LISTED ? ' and more' : ''
  return {
    kind: 'broken',
    problem: `The acs-env markers are not one pair (line${markers.length === 1 ? '' : 's'} ${lines.join(', ')}${more}).`,
    hint: `leave one pair, "${BEGIN}" and "${END}", or delete these lines and what is between them`,
  }
}

/**
 * The block of a file, or undefined where it has none. Broken markers are an error.
 *
 * @param shown the file as people know it
 */
export function requireBlock(bytes: Buffer, shown: string): Span | undefined {
  const found = findBlock(bytes)
  if (found.kind === 'broken') {
    throw new CliError(`${shown}: ${found.problem}`, { code: 'broken_markers', hint: found.hint })
  }
  return found.kind === 'block' ? found.span : undefined
}

/** Editors indent lines and leave blanks behind them; the block is then read by the shell all the same. */
function markerLines(bytes: Buffer): readonly (Span & { readonly marker: string })[] {
  const found: (Span & { readonly marker: string })[] = []
  for (let at = bytes.indexOf(MIDDLE); at !== -1; at = bytes.indexOf(MIDDLE, at + 1)) {
    let start = at - MIDDLE_START
    let end = start + BEGIN.length
    const marker = start < 0 ? '' : bytes.toString('latin1', start, end)
    if (marker !== BEGIN && marker !== END) continue
    while (BLANKS.has(bytes[start - 1] ?? LINE_FEED)) start -= 1
    while (BLANKS.has(bytes[end] ?? LINE_FEED)) end += 1
    const begins = start === 0 || bytes[start - 1] === LINE_FEED || isBehindByteOrderMark(bytes, start)
    if (!begins) continue
    if (end === bytes.length) found.push({ start, end, marker })
    else if (bytes[end] === LINE_FEED) found.push({ start, end: end + 1, marker })
  }
  return found
}

function isBehindByteOrderMark(bytes: Buffer, offset: number): boolean {
  return offset === BYTE_ORDER_MARK.length && bytes.subarray(0, offset).equals(BYTE_ORDER_MARK)
}

/** Gives the number of the line that holds a byte, counted from 1; for bytes in the order of the file. */
export function countLines(bytes: Buffer): (offset: number) => number {
  let line = 1
  let lineFeed = bytes.indexOf(LINE_FEED)
  return (offset) => {
    for (; lineFeed !== -1 && lineFeed < offset; lineFeed = bytes.indexOf(LINE_FEED, lineFeed + 1)) line += 1
    return line
  }
}
