import { CliError } from '../errors.ts'

const BEGIN = '# >>> acs-env >>>'
const END = '# <<< acs-env <<<'
/** In both of them, and looked for once: a profile may be large. */
const MIDDLE = ' acs-env '
const MIDDLE_START = BEGIN.indexOf(MIDDLE)
/** More lines than that nobody looks at one by one. */
const MOST_TOLD = 10
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
  return bytes !== undefined && markerLines(bytes).length > 0
}

/** Where the block stands, with both marker lines. A marker without its partner, or a second pair, is an error. */
export function findBlock(bytes: Buffer): Span | undefined {
  const markers = markerLines(bytes)
  const begins = markers.filter(({ marker }) => marker === BEGIN)
  const ends = markers.filter(({ marker }) => marker === END)
  const [begin] = begins
  const [end] = ends
  if (begin === undefined && end === undefined) return undefined
  if (begins.length === 1 && ends.length === 1 && begin !== undefined && end !== undefined && begin.start < end.start) {
    return { start: begin.start, end: end.end }
  }
  const lineOf = countLines(bytes)
  const lines = markers.slice(0, MOST_TOLD).map(({ start }) => lineOf(start))
  const more = markers.length > MOST_TOLD ? ' and more' : ''
  throw new CliError(
    `The acs-env markers are not one pair (line${markers.length === 1 ? '' : 's'} ${lines.join(', ')}${more}).`,
    {
      code: 'broken_markers',
      hint: `leave one pair, "${BEGIN}" and "${END}", or delete these lines and what is between them`,
    },
  )
}

function markerLines(bytes: Buffer): readonly (Span & { readonly marker: string })[] {
  const found: (Span & { readonly marker: string })[] = []
  for (let at = bytes.indexOf(MIDDLE); at !== -1; at = bytes.indexOf(MIDDLE, at + 1)) {
    const start = at - MIDDLE_START
    let end = start + BEGIN.length
    const marker = start < 0 ? '' : bytes.toString('latin1', start, end)
    if ((marker !== BEGIN && marker !== END) || (start > 0 && bytes[start - 1] !== LINE_FEED)) continue
    if (bytes[end] === CARRIAGE_RETURN) end += 1
    if (end === bytes.length) found.push({ start, end, marker })
    else if (bytes[end] === LINE_FEED) found.push({ start, end: end + 1, marker })
  }
  return found
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
