import { sha256 } from '../../system/sha256.ts'
import { BYTE_ORDER_MARK, LINE_FEED, type Span } from '../block.ts'
import { LITERAL_VALUE } from './literal-exports.ts'

const BACKSLASH = 0x5c
const FINGERPRINT_BYTES = 64 * 1024
const NEAR_BYTES = 4096
/** More than any person has; the record must stay small enough to be read. */
const MOST_STANDING = 1_000

/** A line that gave way to the block. `distance` is how many bytes lie between its place and the block. */
interface ReplacedLine {
  readonly side: 'before' | 'after'
  readonly distance: number
  /** The line with its line ending, in base64: any bytes can stand in a profile. */
  readonly line: string
}

/** What it takes to give a file back as it was. Holds the replaced lines, so it is as secret as they are. */
export interface RestoreRecord {
  /** The file did not exist. */
  readonly created: boolean
  /** Its last line had no line ending and was given one. */
  readonly addedNewline: boolean
  readonly replaced: readonly ReplacedLine[]
  /** The SHA-256 of lines that look as if they set one of their variables too, and did not give way: within a string, say. */
  readonly standing: readonly string[]
  /** Fingerprints of what is on either side of the block: only while they are the same do the distances hold. */
  readonly before: string
  readonly after: string
}

/** Where the block goes: in place of the one that is there, or to an offset of a file without one. */
export type Placement =
  | { readonly kind: 'replace'; readonly block: Span }
  /** `isCreated`: the file was made for the block. */
  | { readonly kind: 'insert'; readonly offset: number; readonly isCreated: boolean }

/**
 * Puts the block into a file. The `replaced` spans (whole lines, in order, outside the block) are taken out. Every other
 * byte stays.
 *
 * @returns the new bytes, where the block stands in them, and the record with which `removeBlock` gives the old ones back
 */
export function insertBlock(
  current: Buffer | undefined,
  block: string,
  placement: Placement,
  replaced: readonly Span[] = [],
  earlier?: RestoreRecord,
): { readonly bytes: Buffer; readonly span: Span; readonly record: RestoreRecord } {
  const bytes = current ?? Buffer.alloc(0)
  const isReplacement = placement.kind === 'replace'
  const place = isReplacement ? placement.block : { start: placement.offset, end: placement.offset }
  const before = bytes.subarray(0, place.start)
  const after = bytes.subarray(place.end)
  const settled = isReplacement ? withoutSuperseded(settleRecord(earlier, before, after), bytes, place) : undefined
  const outBefore = replaced.filter(({ end }) => end <= place.start)
  const outAfter = replaced.filter(({ start }) => start >= place.end).map((span) => shift(span, -place.end))
  const keptBefore = without(before, outBefore)
  const keptAfter = without(after, outAfter)
  const addedNewline = !isReplacement && keptAfter.length === 0 && runsOn(keptBefore)
  const newBefore = addedNewline ? Buffer.concat([keptBefore, Buffer.of(LINE_FEED)]) : keptBefore
  const gaveWay = [
    ...replacedBefore(before, outBefore, linesOf(settled, 'before'), addedNewline ? 1 : 0),
    ...replacedAfter(after, outAfter, isReplacement ? linesOf(settled, 'after') : orphans(earlier, current)),
  ]
  const record: RestoreRecord = {
    created: isReplacement ? settled?.created === true : placement.isCreated,
    addedNewline: settled?.addedNewline ?? addedNewline,
    replaced: gaveWay,
    standing: standingLines(gaveWay, keptBefore, keptAfter),
    before: fingerprintBefore(newBefore),
    after: fingerprintAfter(keptAfter),
  }
  const written = Buffer.from(block)
  return {
    bytes: Buffer.concat([newBefore, written, keptAfter]),
    span: { start: newBefore.length, end: newBefore.length + written.length },
    record,
  }
}

/**
 * Takes the block out again: the replaced lines return to their places, and an added line ending goes. Undefined where
 * nothing is left of a file that was created for the block.
 *
 * @param block where it stands; undefined where somebody has taken it out already
 * @param remainder what of the block stays where others have added lines to such a file
 */
export function removeBlock(
  current: Buffer,
  block: Span | undefined,
  earlier: RestoreRecord | undefined,
  remainder = '',
): Buffer | undefined {
  if (block === undefined) {
    // The lines that gave way to it are nowhere else.
    const lines = orphans(earlier, current).map(({ line }) => Buffer.from(line, 'base64'))
    return lines.length === 0 ? current : joinLines([current, ...lines])
  }
  const before = current.subarray(0, block.start)
  const after = current.subarray(block.end)
  const record = withoutSuperseded(settleRecord(earlier, before, after), current, block)
  // A line before the block that has no ending was the file's last: behind it comes the added line ending alone.
  const restoredBefore = Buffer.concat(
    withLines(before, linesOf(record, 'before'), (distance) => before.length - distance),
  )
  const restoredAfter = joinLines(withLines(after, linesOf(record, 'after'), (distance) => distance))
  const isEdited = record === undefined || !isAsLeft(record, before, after)
  const filler = isEdited && isOnlyStatement(restoredBefore, restoredAfter) ? NO_OPERATION : Buffer.alloc(0)
  const rest = joinLines([
    record?.addedNewline ? restoredBefore.subarray(0, -1) : restoredBefore,
    filler,
    restoredAfter,
  ])
  if (record?.created !== true) return rest
  if (rest.length === 0) return undefined
  return remainder === '' ? rest : joinLines([restoredBefore, Buffer.from(remainder), restoredAfter])
}

/**
 * The taken-over lines that do not return, because the user has set their variable anew since: after the newer line,
 * the older one would win again.
 */
export function supersededLines(
  current: Buffer,
  block: Span | undefined,
  earlier: RestoreRecord | undefined,
): readonly ReplacedLine[] {
  if (earlier === undefined || earlier.replaced.length === 0) return []
  if (block !== undefined && isAsLeft(earlier, current.subarray(0, block.start), current.subarray(block.end))) return []
  const outside =
    block === undefined ? current : Buffer.concat([current.subarray(0, block.start), current.subarray(block.end)])
  const lines = textLines(outside)
  const present = new Set(lines)
  const standing = new Set(earlier.standing)
  const setAnew = new Map<string, boolean>()
  const isSetAnew = (name: string): boolean => {
    const isSet =
      setAnew.get(name) ??
      settingLines(lines, name, block === undefined ? '' : LITERAL_VALUE).some((line) => !standing.has(sha256(line)))
    setAnew.set(name, isSet)
    return isSet
  }
  return earlier.replaced.filter((replaced) => {
    const line = textOf(replaced).replace(/\r?\n$/, '')
    const name = exportedBy(line)
    // The user has put back exactly this line.
    return name !== undefined && !present.has(line) && isSetAnew(name)
  })
}

function exportedBy(line: string): string | undefined {
  return /^[ \t]*export[ \t]+(\w+)=/.exec(line)?.[1]
}

/**
 * The lines that look like a statement of its own which sets the variable. An indented one, or one that computes the
 * value, may have been there before setup too; a literal one would have been taken over, or is known to stand there.
 */
function settingLines(lines: readonly string[], name: string, value: string): readonly string[] {
  const declared = String.raw`(?:export|readonly|(?:declare|typeset)[ \t]+-\w+)[ \t]+`
  const end = value === '' ? '' : String.raw`[ \t]*(?:[;#\r].*)?$`
  const pattern = new RegExp(`^(?:${declared})?${name}=${value}${end}`, 'm')
  return lines.filter((line) => pattern.test(line))
}

/** Without their line endings. */
function textLines(bytes: Buffer): readonly string[] {
  const lines = bytes.toString('latin1').split('\n')
  return lines.map((line) => line.replace(/\r$/, ''))
}

function standingLines(gaveWay: readonly ReplacedLine[], ...kept: readonly Buffer[]): readonly string[] {
  const names = new Set(gaveWay.flatMap((line) => exportedBy(textOf(line)) ?? []))
  if (names.size === 0) return []
  const lines = textLines(Buffer.concat(kept))
  const setting = [...names].flatMap((name) => settingLines(lines, name, ''))
  return [...new Set(setting)].slice(0, MOST_STANDING).map((line) => sha256(line))
}

function withoutSuperseded(
  record: RestoreRecord | undefined,
  current: Buffer,
  block: Span | undefined,
): RestoreRecord | undefined {
  if (record === undefined) return undefined
  const superseded = new Set(supersededLines(current, block, record))
  return superseded.size === 0
    ? record
    : { ...record, replaced: record.replaced.filter((line) => !superseded.has(line)) }
}

function textOf({ line }: ReplacedLine): string {
  return Buffer.from(line, 'base64').toString('latin1')
}

const NO_OPERATION = Buffer.from(':\n')

/** Whether a block was moved into an `if` or a function that is empty without it, which no shell parses. */
function isOnlyStatement(before: Buffer, after: Buffer): boolean {
  return (
    /(?:\b(?:then|do|else)|[{(])(?:[ \t\r]*(?:#[^\n]*)?\n)+$/.test(before.subarray(-NEAR_BYTES).toString('latin1')) &&
    /^(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*(?:(?:fi|done|else|elif)\b|[})])/.test(
      after.subarray(0, NEAR_BYTES).toString('latin1'),
    )
  )
}

/** Whether nothing on either side of the block was edited since. */
function isAsLeft(record: RestoreRecord, before: Buffer, after: Buffer): boolean {
  return fingerprintBefore(before) === record.before && fingerprintAfter(after) === record.after
}

/**
 * The record as far as it still holds: where a side was edited since between the block and the place of a line, the line
 * returns right beside the block.
 */
function settleRecord(record: RestoreRecord | undefined, before: Buffer, after: Buffer): RestoreRecord | undefined {
  if (record === undefined) return undefined
  const sameBefore = fingerprintBefore(before) === record.before
  const sameAfter = fingerprintAfter(after) === record.after
  if (sameBefore && sameAfter) return record
  return {
    ...record,
    addedNewline: record.addedNewline && endsAsBefore(record, before) && after.length === 0,
    replaced: record.replaced.map((line) =>
      (
        line.side === 'before'
          ? sameBefore || isPlaceBefore(record, before, line)
          : sameAfter || isPlaceAfter(record, after, line)
      )
        ? line
        : { ...line, distance: 0 },
    ),
  }
}

/** Whether lines were only added at the beginning of the file since. */
function isPlaceBefore(record: RestoreRecord, before: Buffer, { distance }: ReplacedLine): boolean {
  return distance <= FINGERPRINT_BYTES && isLineStart(before, before.length - distance) && endsAsBefore(record, before)
}

/** Whether all that stood before the block still does, and nothing came in between. */
function endsAsBefore(record: RestoreRecord, before: Buffer): boolean {
  const length = recordedLength(record.before)
  return length <= before.length && fingerprintBefore(before.subarray(before.length - length)) === record.before
}

/** Whether lines were only added at the end of the file since, as installers do. */
function isPlaceAfter(record: RestoreRecord, after: Buffer, { distance }: ReplacedLine): boolean {
  const length = recordedLength(record.after)
  if (length > after.length || distance > FINGERPRINT_BYTES || !isLineStart(after, distance)) return false
  return fingerprintAfter(after.subarray(0, length)) === record.after
}

function isLineStart(bytes: Buffer, offset: number): boolean {
  return offset === 0 || bytes[offset - 1] === LINE_FEED
}

/** The first part of a fingerprint. */
function recordedLength(fingerprint: string): number {
  return Number.parseInt(fingerprint, 10)
}

/** Whether what is written behind these bytes would belong to their last line. */
function runsOn(bytes: Buffer): boolean {
  if (bytes.length === 0) return false
  if (bytes.at(-1) !== LINE_FEED) return true
  // An odd number of backslashes joins the lines; an even number are backslashes.
  let backslashes = 0
  while (bytes.at(-2 - backslashes) === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}

/**
 * The lines before the block that gave way, in the order of the file: the earlier ones, and now those of `out`.
 *
 * @param addedLength of the line ending that comes between these bytes and the block
 */
function replacedBefore(
  before: Buffer,
  out: readonly Span[],
  known: readonly ReplacedLine[],
  addedLength: number,
): readonly ReplacedLine[] {
  const added = out.map((span): ReplacedLine => ({
    side: 'before',
    distance: before.length - span.start,
    line: slice(before, span),
  }))
  const gone = (distance: number): number => total(out.filter(({ start }) => before.length - start <= distance))
  return [...known, ...added]
    .toSorted((a, b) => b.distance - a.distance)
    .map((line) => ({ ...line, distance: line.distance - gone(line.distance) + addedLength }))
}

/** The same for the lines behind it. */
function replacedAfter(after: Buffer, out: readonly Span[], known: readonly ReplacedLine[]): readonly ReplacedLine[] {
  const added = out.map((span): ReplacedLine => ({ side: 'after', distance: span.start, line: slice(after, span) }))
  const gone = (distance: number): number => total(out.filter(({ end }) => end <= distance))
  return [...known, ...added]
    .toSorted((a, b) => a.distance - b.distance)
    .map((line) => ({ ...line, distance: line.distance - gone(line.distance) }))
}

/** Replaced lines whose block is gone, taken out by hand: they return with the next one, unless they are back. */
function orphans(record: RestoreRecord | undefined, current: Buffer | undefined): readonly ReplacedLine[] {
  // Without any there is nothing to look for, and the copy of a large profile is spared.
  if (current === undefined || record === undefined || record.replaced.length === 0) return []
  const superseded = new Set(supersededLines(current, undefined, record))
  const present = new Set(current.toString('latin1').split('\n'))
  const isBack = (line: ReplacedLine): boolean => present.has(textOf(line).replace(/\n$/, ''))
  return record.replaced
    .filter((line) => !isBack(line) && !superseded.has(line))
    .map(({ line }) => ({ side: 'after', distance: 0, line }))
}

function linesOf(record: RestoreRecord | undefined, side: ReplacedLine['side']): readonly ReplacedLine[] {
  return (record?.replaced ?? []).filter((line) => line.side === side)
}

/** The pieces of the file, and between them the lines. */
function withLines(
  bytes: Buffer,
  lines: readonly ReplacedLine[],
  offsetOf: (distance: number) => number,
): readonly Buffer[] {
  const pieces: Buffer[] = []
  let position = 0
  const placed = lines.map(({ distance, line }) => ({ offset: offsetOf(distance), line: Buffer.from(line, 'base64') }))
  for (const { offset, line } of placed.toSorted((a, b) => a.offset - b.offset)) {
    pieces.push(bytes.subarray(position, offset), line)
    position = offset
  }
  return [...pieces, bytes.subarray(position)]
}

/** A line that was the file's last, without a line ending, needs one if something follows it now. */
function joinLines(pieces: readonly Buffer[]): Buffer {
  const filled = pieces.filter(({ length }) => length > 0)
  return Buffer.concat(
    filled.flatMap((piece, index) =>
      index < filled.length - 1 && piece.at(-1) !== LINE_FEED && !piece.equals(BYTE_ORDER_MARK)
        ? [piece, Buffer.of(LINE_FEED)]
        : [piece],
    ),
  )
}

function without(bytes: Buffer, spans: readonly Span[]): Buffer {
  if (spans.length === 0) return bytes
  const ends = [0, ...spans.map(({ end }) => end)]
  const starts = [...spans.map(({ start }) => start), bytes.length]
  return Buffer.concat(ends.map((end, index) => bytes.subarray(end, starts[index])))
}

function shift({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by }
}

function total(spans: readonly Span[]): number {
  return spans.reduce((sum, { start, end }) => sum + end - start, 0)
}

function slice(bytes: Buffer, { start, end }: Span): string {
  return bytes.subarray(start, end).toString('base64')
}

/** Length and the bytes nearest to the block: hashing all of a large profile would take longer than writing it. */
function fingerprintBefore(bytes: Buffer): string {
  return `${bytes.length}:${sha256(bytes.subarray(-FINGERPRINT_BYTES))}`
}

function fingerprintAfter(bytes: Buffer): string {
  return `${bytes.length}:${sha256(bytes.subarray(0, FINGERPRINT_BYTES))}`
}
