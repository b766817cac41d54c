import { renderDotenv } from '../../formats/dotenv.ts'
import { cutLines, type CutLine } from './cut-lines.ts'
import { endOfLine, scanDotenv, type DotenvAssignment } from './scan.ts'
import { BYTE_ORDER_MARK, decode, newlineOf, type NoText } from './text.ts'

/** Why a file cannot be merged into: nobody could tell what programs would read from it. */
export type MergeProblem =
  | NoText
  | { readonly kind: 'byte-order-mark' }
  | { readonly kind: 'quote'; readonly line: number }

/** The value that each name will have; undefined for one that will be absent. */
export type WantedValues = ReadonlyMap<string, string | undefined>

export interface Merged {
  readonly kind: 'merged'
  readonly bytes: Buffer
  /** How many further lines with one of the names there were. */
  readonly removedDuplicates: number
  /** The last line, which is not one of ours, had no line ending and has one now. */
  readonly addedNewline: boolean
  /** The names that had another value. */
  readonly replaced: readonly string[]
  /** The line that keeps some version of Node from reading a line of ours; undefined where there is none. */
  readonly misread: Misread | undefined
}

/** A line, by its number, and what is wrong with it. */
interface Misread {
  readonly line: number
  readonly kind: 'no-assignment' | 'blank-value'
}

/**
 * Puts values into a `.env` file, line by line; all else stays, byte for byte. Of several lines with a name the last one
 * is kept, since for most programs the last one counts, and for Deno the first.
 */
export function mergeDotenv(bytes: Buffer, wanted: WantedValues): Merged | MergeProblem {
  const text = decode(bytes)
  if (typeof text !== 'string') return text
  const { assignments, unclear } = scanDotenv(text)
  const ours = assignments.filter(({ name }) => wanted.has(name))
  // Node and Python read a byte order mark as a part of the first name.
  const hasMark = text.startsWith(BYTE_ORDER_MARK)
  const behindMark = hasMark ? assignments[0] : undefined
  const kept = new Map(ours.filter((each) => each !== behindMark).map((each) => [each.name, each]))
  const missing = [...wanted].filter(([name, value]) => value !== undefined && !kept.has(name))
  if (unclear !== undefined) {
    const rest = text.slice(unclear.offset)
    if (missing.length > 0 || [...wanted.keys()].some((name) => rest.includes(name))) {
      return { kind: 'quote', line: unclear.line }
    }
  }
  let result = ''
  let offset = 0
  for (const assignment of ours) {
    const value = wanted.get(assignment.name)
    result += text.slice(offset, assignment.start)
    if (value !== undefined && kept.get(assignment.name) === assignment) {
      result += lineOf(assignment, value)
      offset = assignment.end
    } else offset = endOfLine(text, assignment.end)
  }
  const rest = result + text.slice(offset)
  const newline = newlineOf(text)
  const needsNewline = missing.length > 0 && rest !== '' && rest !== BYTE_ORDER_MARK && !rest.endsWith('\n')
  const lines = missing.map(([name, value = '']) => `${renderDotenv(name, value)}${newline}`).join('')
  const before = needsNewline ? rest + newline : rest
  // Where the end of the file would be misread together with our lines, they go to the beginning.
  const isAtEnd =
    hasMark ||
    findMisread(
      before + lines,
      missing.map(([name]) => name),
    ) === undefined
  const after = isAtEnd ? before + lines : lines + rest
  const [first] = scanDotenv(after).assignments
  // With a mark, Python loses the beginning of a first value over several lines, and reads on in the middle of it.
  if (hasMark && first !== undefined && (wanted.has(first.name) || first.value.includes('\n'))) {
    return { kind: 'byte-order-mark' }
  }
  const replaced = ours.filter(({ name, value }) => wanted.get(name) !== value).map(({ name }) => name)
  return {
    kind: 'merged',
    bytes: Buffer.from(after),
    removedDuplicates: ours.length - new Set(ours.map(({ name }) => name)).size,
    addedNewline: isAtEnd && needsNewline && !ours.some(({ end }) => end === text.length),
    replaced: [...new Set(replaced)],
    misread: findMisread(
      after,
      [...wanted].flatMap(([name, value]) => (value === undefined ? [] : [name])),
    ),
  }
}

/** What the text assigns to these names: of several lines the last one. Empty where it is no text. */
export function valuesInDotenv(bytes: Buffer, names: readonly string[]): ReadonlyMap<string, string> {
  const text = decode(bytes)
  if (typeof text !== 'string') return new Map()
  const found = scanDotenv(text).assignments.filter(({ name }) => names.includes(name))
  return new Map(found.map(({ name, value }) => [name, value]))
}

/** The number of a line with a quote that does not end, where one of these names follows. */
export function lineThatHides(bytes: Buffer, names: readonly string[]): number | undefined {
  const text = decode(bytes)
  const unclear = typeof text === 'string' ? scanDotenv(text).unclear : undefined
  if (typeof text !== 'string' || unclear === undefined) return undefined
  const rest = text.slice(unclear.offset)
  return names.some((name) => rest.includes(name)) ? unclear.line : undefined
}

/** A file without some of its lines. */
export interface Removed {
  readonly bytes: Buffer
  readonly lines: readonly CutLine[]
}

/**
 * Takes lines out again; all else stays, byte for byte.
 *
 * @param isOurs judges an assignment by its name and value
 * @param addedNewline whether the line above was given a line ending for our lines; it then goes too
 */
export function removeFromDotenv(
  bytes: Buffer,
  isOurs: (assignment: Pick<DotenvAssignment, 'name' | 'value'>) => boolean,
  addedNewline: boolean,
): Removed {
  const text = decode(bytes)
  if (typeof text !== 'string') return { bytes, lines: [] }
  const { rest, lines } = cutLines(text, isOurs)
  const wasLast = lines.at(-1)?.offset === rest.length
  return { bytes: Buffer.from(addedNewline && wasLast ? rest.replace(/\r?\n$/, '') : rest), lines }
}

/**
 * Indentation, `export` and a comment stay, with plain spaces between them: Node 20 takes a tab for a part of the name or
 * the value, and every Node more than one blank behind `export`.
 */
function lineOf({ name, prefix, comment }: DotenvAssignment, value: string): string {
  const spaces = (blanks: string): string => ' '.repeat(blanks.length)
  const plain = prefix.replaceAll(/\s/g, ' ').replace(/export +$/, 'export ')
  const remark = comment.startsWith('#') ? ` ${comment}` : comment.replace(/^\s+/, spaces)
  return `${plain}${renderDotenv(name, value)}${remark}`
}

/**
 * The first line that keeps some version of Node from reading one of these names below it. Node 20 takes a line without
 * `=` for a part of the next name, unless it begins with `#`; later ones take the next line for the value where only
 * blanks stand behind an `=`.
 */
function findMisread(text: string, names: readonly string[]): Misread | undefined {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''))
  const { assignments } = scanDotenv(text)
  // Node does not know `NAME: value`.
  const spans = assignments
    .map(({ start, end, line }) => ({ first: line, text: text.slice(start, end) }))
    .filter((span) => span.text.includes('='))
  const isIn = (line: number): boolean =>
    spans.some(({ first, text: span }) => line >= first && line < first + span.split('\n').length)
  const above = (line: number, isSkipped: RegExp): number => {
    let number = line - 1
    while (number > 0 && isSkipped.test(lines[number - 1] ?? '')) number -= 1
    return number
  }
  for (const { name, line } of assignments) {
    if (!names.includes(name)) continue
    const stray = above(line, /^(?:#.*)?$/)
    if (stray > 0 && !isIn(stray) && lines[stray - 1]?.includes('=') === false)
      return { line: stray, kind: 'no-assignment' }
    const empty = above(line, /^\s*$/)
    const isBlank = assignments.some((each) => each.line === empty && each.value === '' && each.comment === '')
    if (isBlank && /=\s+$/.test(lines[empty - 1] ?? '')) return { line: empty, kind: 'blank-value' }
  }
  return undefined
}
