import { sha256 } from '../system/sha256.ts'
import { findBlock, LINE_FEED, type Span } from './block.ts'

const BACKSLASH = 0x5c
const FINGERPRINT_BYTES = 64 * 1024

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
  /** Fingerprints of what is on either side of the block: only while they are the same do the distances hold. */
  readonly before: string
  readonly after: string
}

/**
 * Puts the block into a file: in place of the one that is there, else where the first of `replaced` stood, else at the
 * end. The `replaced` spans (whole lines, in order, outside the block) are taken out. Every other byte stays.
 *
 * @param known where the block stands, for who has looked for it
 * @returns the new bytes, where the block stands in them, and the record with which `removeBlock` gives the old ones back
 */
export function insertBlock(
  current: Buffer | undefined,
  block: string,
  replaced: readonly Span[] = [],
  earlier?: RestoreRecord,
  known: { readonly existing: Span | undefined } = { existing: findBlock(current ?? Buffer.alloc(0)) },
): { readonly bytes: Buffer; readonly start: number; readonly record: RestoreRecord } {
  const bytes = current ?? Buffer.alloc(0)
  const { existing } = known
  const place = existing ?? placeFor(bytes, replaced)
  const before = bytes.subarray(0, place.start)
  const after = bytes.subarray(place.end)
  const settled = existing === undefined ? undefined : settleRecord(earlier, before, after)
  const outBefore = replaced.filter(({ end }) => end <= place.start)
  const outAfter = replaced.filter(({ start }) => start >= place.end).map((span) => shift(span, -place.end))
  const keptBefore = without(before, outBefore)
  const keptAfter = without(after, outAfter)
  const addedNewline = existing === undefined && keptAfter.length === 0 && runsOn(keptBefore)
  const newBefore = addedNewline ? Buffer.concat([keptBefore, Buffer.of(LINE_FEED)]) : keptBefore
  const record: RestoreRecord = {
    created: settled?.created ?? current === undefined,
    addedNewline: settled?.addedNewline ?? addedNewline,
    replaced: [
      ...replacedBefore(before, outBefore, linesOf(settled, 'before')),
      ...replacedAfter(after, outAfter, existing === undefined ? orphans(earlier, current) : linesOf(settled, 'after')),
    ],
    before: fingerprintBefore(newBefore),
    after: fingerprintAfter(keptAfter),
  }
  return { bytes: Buffer.concat([newBefore, Buffer.from(block), keptAfter]), start: newBefore.length, record }
}

/**
 * Takes the block out again: the replaced lines return to their places, and an added line ending goes. Undefined where
 * nothing is left of a file that was created for the block.
 *
 * @param remainder what of the block stays where others have added lines to such a file
 */
export function removeBlock(current: Buffer, earlier: RestoreRecord | undefined, remainder = ''): Buffer | undefined {
  const block = findBlock(current)
  if (block === undefined) {
    // Taken out by hand; the lines that gave way to it are nowhere else.
    const lines = orphans(earlier, current).map(({ line }) => Buffer.from(line, 'base64'))
    return lines.length === 0 ? current : joinLines([current, ...lines])
  }
  const before = current.subarray(0, block.start)
  const after = current.subarray(block.end)
  const record = settleRecord(earlier, before, after)
  const restoredBefore = withLines(before, linesOf(record, 'before'), (distance) => before.length - distance)
  const restoredAfter = withLines(after, linesOf(record, 'after'), (distance) => distance)
  const rest = joinLines([record?.addedNewline ? restoredBefore.subarray(0, -1) : restoredBefore, restoredAfter])
  if (record?.created !== true) return rest
  if (rest.length === 0) return undefined
  return remainder === '' ? rest : joinLines([restoredBefore, Buffer.from(remainder), restoredAfter])
}

/** The record as far as it still holds: where a side was edited since, its lines return right beside the block. */
function settleRecord(record: RestoreRecord | undefined, before: Buffer, after: Buffer): RestoreRecord | undefined {
  if (record === undefined) return undefined
  const sameBefore = fingerprintBefore(before) === record.before
  const sameAfter = fingerprintAfter(after) === record.after
  if (sameBefore && sameAfter) return record
  return {
    ...record,
    addedNewline: record.addedNewline && sameBefore && after.length === 0,
    replaced: record.replaced.map((line) =>
      (line.side === 'before' ? sameBefore : sameAfter) ? line : { ...line, distance: 0 },
    ),
  }
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

function placeFor(bytes: Buffer, replaced: readonly Span[]): Span {
  const [first] = replaced
  // Empty, at the start of the line: that line itself then counts as one after the block.
  return first === undefined ? { start: bytes.length, end: bytes.length } : { start: first.start, end: first.start }
}

/** The lines before the block that gave way, in the order of the file: those of old, and now those of `out`. */
function replacedBefore(before: Buffer, out: readonly Span[], known: readonly ReplacedLine[]): readonly ReplacedLine[] {
  const added = out.map((span): ReplacedLine => ({
    side: 'before',
    distance: before.length - span.start,
    line: slice(before, span),
  }))
  const gone = (distance: number): number => total(out.filter(({ start }) => before.length - start <= distance))
  return [...known, ...added]
    .toSorted((a, b) => b.distance - a.distance)
    .map((line) => ({ ...line, distance: line.distance - gone(line.distance) }))
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
  const present = `\n${current.toString('latin1')}\n`
  const isBack = ({ line }: ReplacedLine): boolean =>
    present.includes(`\n${Buffer.from(line, 'base64').toString('latin1').replace(/\n$/, '')}\n`)
  return record.replaced.filter((line) => !isBack(line)).map(({ line }) => ({ side: 'after', distance: 0, line }))
}

function linesOf(record: RestoreRecord | undefined, side: ReplacedLine['side']): readonly ReplacedLine[] {
  return (record?.replaced ?? []).filter((line) => line.side === side)
}

function withLines(bytes: Buffer, lines: readonly ReplacedLine[], offsetOf: (distance: number) => number): Buffer {
  const pieces: Buffer[] = []
  let position = 0
  const placed = lines.map(({ distance, line }) => ({ offset: offsetOf(distance), line: Buffer.from(line, 'base64') }))
  for (const { offset, line } of placed.toSorted((a, b) => a.offset - b.offset)) {
    pieces.push(bytes.subarray(position, offset), line)
    position = offset
  }
  return joinLines([...pieces, bytes.subarray(position)])
}

/** A line that was the file's last, without a line ending, needs one if something follows it now. */
function joinLines(pieces: readonly Buffer[]): Buffer {
  const filled = pieces.filter(({ length }) => length > 0)
  return Buffer.concat(
    filled.flatMap((piece, index) =>
      index < filled.length - 1 && piece.at(-1) !== LINE_FEED ? [piece, Buffer.of(LINE_FEED)] : [piece],
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
