import { sha256 } from '../../system/sha256.ts'
import type { CutLine } from './cut-lines.ts'
import { scanDotenv } from './scan.ts'
import { BYTE_ORDER_MARK, decode, newlineOf } from './text.ts'

/** A line of the user's that gave way to one of ours, or was taken out. */
export interface TakenLine {
  readonly name: string
  /** The whole line, or all lines of its value, with its line ending where it had one. */
  readonly text: string
  /** Where it stood in the file without our lines and those that gave way. */
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
 * Adds lines that give way now to those that did before; where the user has set a name since, only the newer line counts.
 *
 * @param rest the text without our lines and those that give way
 * @param present all of these, which tell where those of before belong if the rest has changed
 * @param theirs those that give way now
 */
export function takeLines(
  rest: string,
  present: readonly CutLine[],
  theirs: readonly CutLine[],
  earlier: TakenLines | undefined,
): TakenLines {
  const anew = new Set(theirs.map(({ name }) => name))
  const kept = placed(earlier, rest, present).filter(({ name }) => !anew.has(name))
  return { lines: inOrder(kept, theirs, present), rest: fingerprint(rest) }
}

/** Lines that stood side by side have one offset: those that were noted before have the places of ours now. */
function inOrder(
  kept: readonly TakenLine[],
  theirs: readonly CutLine[],
  present: readonly CutLine[],
): readonly TakenLine[] {
  const indexes = new Map(present.map(({ name }, index) => [name, index]))
  const indexOf = (name: string): number => indexes.get(name) ?? -1
  const all: TakenLine[] = []
  let next = 0
  for (const { name, text, offset } of theirs) {
    const isBefore = (other: TakenLine): boolean =>
      other.offset < offset || (other.offset === offset && indexOf(other.name) < indexOf(name))
    for (let other = kept[next]; other !== undefined && isBefore(other); other = kept[next]) {
      all.push(other)
      next += 1
    }
    all.push({ name, text, offset })
  }
  return [...all, ...kept.slice(next)]
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

/** The lines where they would stand in this text: at their own offsets, in the place of our line, or at the end. */
function placed(taken: TakenLines | undefined, rest: string, ours: readonly CutLine[]): readonly TakenLine[] {
  if (taken === undefined) return []
  if (isRestOf(rest, taken)) return taken.lines
  const offsets = new Map(ours.toReversed().map(({ name, offset }) => [name, offset]))
  return taken.lines
    .map((line) => ({ ...line, offset: offsets.get(line.name) ?? rest.length }))
    .toSorted((one, other) => one.offset - other.offset)
}

function insertLines(text: string, lines: readonly TakenLine[]): string {
  const newline = newlineOf(text)
  const parts: string[] = []
  const add = (part: string): void => {
    const last = parts.at(-1)
    if (part === '') return
    if (last !== undefined && last !== BYTE_ORDER_MARK && !last.endsWith('\n')) parts.push(newline)
    parts.push(part)
  }
  let at = 0
  for (const line of lines) {
    const offset = Math.max(at, lineStart(text, line.offset))
    add(text.slice(at, offset))
    add(line.text)
    at = offset
  }
  add(text.slice(at))
  return parts.join('')
}

/** A line never goes into the middle of another one. */
function lineStart(text: string, offset: number): number {
  const isBehindMark = offset === 1 && text.startsWith(BYTE_ORDER_MARK)
  const isStart = offset === 0 || text[offset - 1] === '\n' || isBehindMark
  return isStart ? Math.min(offset, text.length) : text.length
}

function isRestOf(text: string, { rest }: TakenLines): boolean {
  return fingerprint(text) === rest
}

/** Without a last line ending, which may have been added for our lines. */
function fingerprint(text: string): string {
  return sha256(text.replace(/\r?\n$/, ''))
}

/** Each once. */
export function namesOf(lines: readonly Pick<TakenLine, 'name'>[]): readonly string[] {
  return [...new Set(lines.map(({ name }) => name))]
}
