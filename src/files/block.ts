import { CliError } from '../errors.ts'

const BEGIN = '# >>> acs-env >>>'
const END = '# <<< acs-env <<<'
export const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Bytes of a file: from `start` up to, and without, `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** The whole block: marker, lines, marker. Always with LF: a CR would become part of the value. */
export function blockText(lines: readonly string[]): string {
  return [BEGIN, ...lines, END, ''].join('\n')
}

/** Whether a file has the block, or at least a part of it. */
export function hasMarker(bytes: Buffer | undefined): boolean {
  return bytes !== undefined && [BEGIN, END].some((marker) => markerLines(bytes, marker).length > 0)
}

/** Where the block stands, with both marker lines. A marker without its partner, or a second pair, is an error. */
export function findBlock(bytes: Buffer): Span | undefined {
  const begins = markerLines(bytes, BEGIN)
  const ends = markerLines(bytes, END)
  const [begin] = begins
  const [end] = ends
  if (begin === undefined && end === undefined) return undefined
  if (begins.length === 1 && ends.length === 1 && begin !== undefined && end !== undefined && begin.start < end.start) {
    return { start: begin.start, end: end.end }
  }
  const lines = [...begins, ...ends].map(({ start }) => lineNumber(bytes, start)).toSorted((a, b) => a - b)
  throw new CliError(
    `The acs-env markers are not one pair (line${lines.length === 1 ? '' : 's'} ${lines.join(', ')}).`,
    {
      code: 'broken_markers',
      hint: `leave one pair, "${BEGIN}" and "${END}", or delete these lines and what is between them`,
    },
  )
}

function markerLines(bytes: Buffer, marker: string): readonly Span[] {
  const found: Span[] = []
  for (let at = bytes.indexOf(marker); at !== -1; at = bytes.indexOf(marker, at + 1)) {
    if (at > 0 && bytes[at - 1] !== LINE_FEED) continue
    let end = at + marker.length
    if (bytes[end] === CARRIAGE_RETURN) end += 1
    if (end === bytes.length) found.push({ start: at, end })
    else if (bytes[end] === LINE_FEED) found.push({ start: at, end: end + 1 })
  }
  return found
}

/** The number of the line that holds this byte, counted from 1. */
export function lineNumber(bytes: Buffer, offset: number): number {
  let line = 1
  for (let at = bytes.indexOf(LINE_FEED); at !== -1 && at < offset; at = bytes.indexOf(LINE_FEED, at + 1)) line += 1
  return line
}
