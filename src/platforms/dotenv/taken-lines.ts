import { sha256 } from '../../system/sha256.ts'
import { cutLines, type CutLine } from './cut-lines.ts'
import { scanDotenv } from './scan.ts'
import { BYTE_ORDER_MARK, decode, newlineOf } from './text.ts'

/** A line of the user's that gave way to one of ours, or was taken out. */
export interface TakenLine {
  readonly name: string
  /** The whole line, or all lines of its value, with its line ending where it had one. */
  readonly text: string
  /** Where it stood in the file without any line of these names. */
  readonly offset: number
}

/** What it takes to give the lines of a file back. As secret as they are. */
export interface TakenLines {
  readonly lines: readonly TakenLine[]
  /** SHA-256 of the file without them: only while that is the same do the offsets hold. */
  readonly rest: string
}

/** What a file is with the lines given back. */
export type GivenBack =
  | {
      readonly kind: 'given'
      readonly bytes: Buffer
      /** The names of the lines that return. */
      readonly returned: readonly string[]
      /** The names that the user has set anew since: a second line would be in doubt with the newer one. */
      readonly superseded: readonly string[]
    }
  /** It is no text any more, or a line would stand behind a quote that does not end, and be a part of the value. */
  | { readonly kind: 'unclear' }

/**
 * Notes the lines of a file that give way to ours, before they do. What was noted earlier stays, but for the names that
 * the user has set since.
 *
 * @param isOurs judges a value that stands under one of the names
 * @returns undefined where no line gave way
 */
export function takeLines(
  bytes: Buffer,
  names: ReadonlySet<string>,
  isOurs: (value: string) => boolean,
  earlier: TakenLines | undefined,
): TakenLines | undefined {
  const text = decode(bytes)
  if (typeof text !== 'string') return earlier
  const { rest, lines } = cutLines(text, ({ name }) => names.has(name))
  const theirs = lines.filter(({ value }) => !isOurs(value))
  if (theirs.length === 0) return earlier
  const kept = placed(earlier, rest, lines).filter(({ name }) => !theirs.some((line) => line.name === name))
  return { lines: inOrder(kept, theirs, lines), rest: fingerprint(rest) }
}

/** Lines that stood side by side have one offset: those that were noted before have the places of ours now. */
function inOrder(
  kept: readonly TakenLine[],
  theirs: readonly CutLine[],
  present: readonly CutLine[],
): readonly TakenLine[] {
  const indexOf = (name: string): number => present.findIndex((line) => line.name === name)
  const all = [...kept]
  let from = 0
  for (const { name, text, offset } of theirs) {
    const isBehind = (other: TakenLine): boolean =>
      other.offset > offset || (other.offset === offset && indexOf(other.name) > indexOf(name))
    const at = all.findIndex((other, index) => index >= from && isBehind(other))
    const place = at === -1 ? all.length : at
    all.splice(place, 0, { name, text, offset })
    from = place + 1
  }
  return all
}

/**
 * Gives the lines back that gave way.
 *
 * @param rest the file without our lines
 * @param ours those lines, which the others return to where the rest is not as it was
 */
export function giveBack(rest: Buffer, ours: readonly CutLine[], taken: TakenLines): GivenBack {
  const text = decode(rest)
  if (typeof text !== 'string') return { kind: 'unclear' }
  const { assignments, unclear } = scanDotenv(text)
  const lines = placed(taken, text, ours)
  const isBehind = ({ offset }: TakenLine): boolean => unclear !== undefined && offset > unclear.offset
  if (!isRestOf(text, taken) && lines.some(isBehind)) return { kind: 'unclear' }
  const present = new Map(assignments.map(({ name, start, end }) => [name, text.slice(start, end)]))
  const returning = lines.filter(({ name }) => !present.has(name))
  const isOther = (line: TakenLine): boolean => present.get(line.name) !== line.text.replace(/\r?\n$/, '')
  return {
    kind: 'given',
    bytes: Buffer.from(insertLines(text, returning)),
    returned: namesOf(returning),
    superseded: namesOf(lines.filter((line) => present.has(line.name) && isOther(line))),
  }
}

/** Whether these lines were taken out of this file, and nothing else in it has changed since. */
export function areOf(taken: TakenLines, bytes: Buffer, names: ReadonlySet<string>): boolean {
  const text = decode(bytes)
  return typeof text === 'string' && isRestOf(cutLines(text, ({ name }) => names.has(name)).rest, taken)
}

/** The lines where they would stand in this text: at their own offsets, in the place of our line, or at the end. */
function placed(taken: TakenLines | undefined, rest: string, ours: readonly CutLine[]): readonly TakenLine[] {
  if (taken === undefined) return []
  if (isRestOf(rest, taken)) return taken.lines
  const offsetOf = (name: string): number => ours.find((line) => line.name === name)?.offset ?? rest.length
  return taken.lines.map((line) => ({ ...line, offset: offsetOf(line.name) }))
}

function insertLines(text: string, lines: readonly TakenLine[]): string {
  const newline = newlineOf(text)
  const join = (one: string, other: string): string => {
    const isLineStart = one === '' || one === BYTE_ORDER_MARK || one.endsWith('\n')
    return other === '' || isLineStart ? one + other : one + newline + other
  }
  let result = ''
  let at = 0
  for (const line of lines.toSorted((one, other) => one.offset - other.offset)) {
    const offset = Math.max(at, lineStart(text, line.offset))
    result = join(join(result, text.slice(at, offset)), line.text)
    at = offset
  }
  return join(result, text.slice(at))
}

/** A line never goes into the middle of another one. */
function lineStart(text: string, offset: number): number {
  const isStart = offset === 0 || text[offset - 1] === '\n' || text.slice(0, offset) === BYTE_ORDER_MARK
  return isStart ? Math.min(offset, text.length) : text.length
}

function isRestOf(text: string, { rest }: TakenLines): boolean {
  return fingerprint(text) === rest
}

/** Without a last line ending, which may have been added for our lines. */
function fingerprint(text: string): string {
  return sha256(text.replace(/\r?\n$/, ''))
}

function namesOf(lines: readonly TakenLine[]): readonly string[] {
  return [...new Set(lines.map(({ name }) => name))]
}
