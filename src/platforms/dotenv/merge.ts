import { renderDotenv } from '../../formats/dotenv.ts'
import { endOfLine, scanDotenv, type DotenvAssignment } from './scan.ts'

const BYTE_ORDER_MARK = '\uFEFF'

/** Why a file cannot be merged into: nobody could tell what programs would read from it. */
export type MergeProblem =
  | { readonly kind: 'utf-16' | 'not-utf-8' | 'nul' | 'byte-order-mark' }
  | { readonly kind: 'quote' | 'carriage-return'; readonly line: number }

/** What the names are to be afterwards; undefined for one that is to be absent. */
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
  /** The number of a line without `=` right above one of ours: Node 20 takes it for a part of the name. */
  readonly strayLine: number | undefined
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
  const misread = text.startsWith(BYTE_ORDER_MARK) ? assignments[0] : undefined
  const kept = new Map(ours.filter((each) => each !== misread).map((each) => [each.name, each]))
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
  result += text.slice(offset)
  const newline = text.endsWith('\r\n') || (!text.endsWith('\n') && text.includes('\r\n')) ? '\r\n' : '\n'
  const needsNewline = missing.length > 0 && result !== '' && result !== BYTE_ORDER_MARK && !result.endsWith('\n')
  if (needsNewline) result += newline
  for (const [name, value = ''] of missing) result += `${renderDotenv(name, value)}${newline}`
  const [first] = scanDotenv(result).assignments
  if (result.startsWith(BYTE_ORDER_MARK) && first !== undefined && wanted.has(first.name)) {
    return { kind: 'byte-order-mark' }
  }
  const replaced = ours.filter(({ name, value }) => wanted.get(name) !== value).map(({ name }) => name)
  return {
    kind: 'merged',
    bytes: Buffer.from(result),
    removedDuplicates: ours.length - new Set(ours.map(({ name }) => name)).size,
    addedNewline: needsNewline && !ours.some(({ end }) => end === text.length),
    replaced: [...new Set(replaced)],
    strayLine: strayLineAbove(result, wanted),
  }
}

/** What the text assigns to these names: of several lines the last one. Empty where it is no text. */
export function valuesInDotenv(bytes: Buffer, names: readonly string[]): ReadonlyMap<string, string> {
  const text = decode(bytes)
  if (typeof text !== 'string') return new Map()
  const found = scanDotenv(text).assignments.filter(({ name }) => names.includes(name))
  return new Map(found.map(({ name, value }) => [name, value]))
}

/**
 * Takes lines out again; all else stays, byte for byte.
 *
 * @param isOurs judges an assignment by its name and value
 * @param addedNewline whether the line above was given a line ending for ours, which then goes too
 */
export function removeFromDotenv(
  bytes: Buffer,
  isOurs: (assignment: Pick<DotenvAssignment, 'name' | 'value'>) => boolean,
  addedNewline: boolean,
): Buffer {
  const text = decode(bytes)
  if (typeof text !== 'string') return bytes
  const ours = scanDotenv(text).assignments.filter(isOurs)
  let result = ''
  let offset = 0
  for (const { start, end } of ours) {
    result += text.slice(offset, start)
    offset = endOfLine(text, end)
  }
  const wasLast = ours.length > 0 && offset === text.length
  result += text.slice(offset)
  return Buffer.from(addedNewline && wasLast ? result.replace(/\r?\n$/, '') : result)
}

function decode(bytes: Buffer): string | MergeProblem {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { kind: 'utf-16' }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { kind: 'utf-16' }
  const zero = bytes.indexOf(0)
  // PowerShell writes UTF-16 with a mark, other programs without one: every other byte is then zero.
  if (zero !== -1) return { kind: zero < 2 && bytes.length % 2 === 0 ? 'utf-16' : 'nul' }
  const text = tryDecode(bytes)
  if (text === undefined) return { kind: 'not-utf-8' }
  const lone = /\r(?!\n)/.exec(text)
  if (lone !== null) return { kind: 'carriage-return', line: text.slice(0, lone.index).split('\n').length }
  return text
}

function tryDecode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Indentation, `export` and a comment stay; a comment right behind a bare value would be a part of it. */
function lineOf({ name, prefix, comment }: DotenvAssignment, value: string): string {
  const blank = comment.startsWith('#') ? ' ' : ''
  return `${prefix}${renderDotenv(name, value)}${blank}${comment}`
}

function strayLineAbove(text: string, wanted: WantedValues): number | undefined {
  const lines = text.split('\n')
  const assigned = scanDotenv(text).assignments
  const inValues = (line: number): boolean =>
    assigned.some((each) => line >= each.line && line < each.line + text.slice(each.start, each.end).split('\n').length)
  for (const { name, line } of assigned) {
    if (!wanted.has(name)) continue
    let above = line - 1
    const isSkipped = (content: string): boolean => /^\s*(?:#.*)?$/.test(content)
    while (above > 0 && isSkipped(lines[above - 1] ?? '')) above -= 1
    if (above > 0 && !inValues(above) && !(lines[above - 1] ?? '').includes('=')) return above
  }
  return undefined
}
