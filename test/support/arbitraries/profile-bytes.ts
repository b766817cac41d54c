import * as fc from 'fast-check'
import { CliError } from '../../../src/errors.ts'
import { blockText, requireBlock, type Span } from '../../../src/profile/block.ts'
import { insertBlock, removeBlock, type RestoreRecord } from '../../../src/profile/change/edit.ts'

export const BEGIN = '# >>> acs-env >>>'
export const END = '# <<< acs-env <<<'
export const BLOCK = blockText(['export A=1'])
export const LATER_BLOCK = blockText(['if true; then', '  export A=2', 'fi'])

const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf)

/** Such a line holds no export, so none can be taken over. */
const isMarkAlone = (line: Buffer): boolean => line.subarray(0, 3).equals(BYTE_ORDER_MARK) && line.length <= 4

export const isMarker = (line: Buffer): boolean =>
  /^(?:\xef\xbb\xbf)?[ \t\r]*# (?:>>> acs-env >>>|<<< acs-env <<<)[ \t\r]*$/.test(line.toString('latin1'))
export const lineOf = (text: string): Buffer => Buffer.from(text, 'latin1')

/** One line without its line feed: prose, any bytes, and what only looks like a marker. */
export const line = fc
  .oneof(
    // No export: one that somebody has set anew is not followed by an older one, which other tests are about.
    fc.constantFrom('', '\r', 'umask 022', "umask '077'\r", 'alias ll="ls -l"', '\xef\xbb\xbfumask 027', '\xff\xfe'),
    fc.constantFrom(` ${BEGIN}`, `${BEGIN} `, `${BEGIN}\r\r`, `#${END}`, `${END}x`, `\t${END}`, BEGIN.slice(0, -1)),
    fc
      .uint8Array({ maxLength: 12 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10)).toString('latin1')),
  )
  .map(lineOf)
  // No command: a byte order mark is a line of its own only where nothing follows it.
  .filter((bytes) => !isMarker(bytes) && !isMarkAlone(bytes))

/** A whole profile, with or without the last line feed. */
export const profile = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.boolean(), fc.constantFrom('', '\xef\xbb\xbf'))
  .map(([lines, ends, mark]) => Buffer.concat([lineOf(mark), joined(lines, ends)]))
  .filter((bytes) =>
    linesOf(bytes).every((span) => !isMarker(textOf(bytes, span)) && !isMarkAlone(textOf(bytes, span))),
  )

export const picks = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })

function joined(lines: readonly Buffer[], ends: boolean): Buffer {
  const pieces = lines.flatMap((text) => [text, lineOf('\n')])
  return Buffer.concat(ends ? pieces : pieces.slice(0, -1))
}

export function linesOf(bytes: Buffer): readonly Span[] {
  const spans: Span[] = []
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start)
    const end = newline === -1 ? bytes.length : newline + 1
    spans.push({ start, end })
    start = end
  }
  return spans
}

function textOf(bytes: Buffer, { start, end }: Span): Buffer {
  const text = bytes.subarray(start, end)
  return text.at(-1) === 10 ? text.subarray(0, -1) : text
}

/** Some of the lines outside the block, to be taken over. */
export function chosen(bytes: Buffer, choice: readonly boolean[]): readonly Span[] {
  const block = blockIn(bytes)
  const isOutside = ({ start, end }: Span): boolean => block === undefined || end <= block.start || start >= block.end
  return linesOf(bytes)
    .filter(isOutside)
    .filter((_, index) => choice[index % choice.length])
}

export function sortedLines(bytes: Buffer | undefined): readonly string[] {
  if (bytes === undefined) return []
  return linesOf(bytes)
    .map((span) => textOf(bytes, span).toString('latin1'))
    .toSorted()
}

/** Where the block stands, if there is one. */
export function blockIn(bytes: Buffer): Span | undefined {
  return requireBlock(bytes, 'the profile')
}

/** The number of the line before which the block goes; the end of a file with fewer lines. */
export const place = fc.nat({ max: 9 })

/**
 * Puts the block in place of the one that is there, or in front of a line of a file without one.
 *
 * @param lineIndex without it, the end of the file
 */
export function put(
  bytes: Buffer | undefined,
  block: string,
  replaced: readonly Span[] = [],
  earlier?: RestoreRecord,
  lineIndex = Infinity,
): ReturnType<typeof insertBlock> {
  const existing = bytes && blockIn(bytes)
  if (existing !== undefined) return insertBlock(bytes, block, { kind: 'replace', block: existing }, replaced, earlier)
  const offset = linesOf(bytes ?? Buffer.alloc(0))[lineIndex]?.start ?? bytes?.length ?? 0
  return insertBlock(bytes, block, { kind: 'insert', offset, isCreated: bytes === undefined }, replaced, earlier)
}

/** Takes the block out where it stands. */
export function takeOut(bytes: Buffer, earlier: RestoreRecord | undefined): Buffer | undefined {
  return removeBlock(bytes, blockIn(bytes), earlier)
}

export function outside(bytes: Buffer): { readonly before: Buffer; readonly after: Buffer } {
  const block = blockIn(bytes)
  if (block === undefined) throw new Error('no block')
  return { before: bytes.subarray(0, block.start), after: bytes.subarray(block.end) }
}

export function errorOf(work: () => unknown): CliError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof CliError) return error
    throw error
  }
}

/** Comparing strings is a hundred times faster than comparing buffers. */
export function show(bytes: Buffer | undefined): string | undefined {
  return bytes?.toString('latin1')
}

export function storedAndRead(record: RestoreRecord): RestoreRecord {
  return JSON.parse(JSON.stringify(record)) as RestoreRecord
}

export interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: readonly Buffer[]
  readonly ends: boolean
}

/** Somebody works on the lines around the block and may leave out the file's last line feed. */
export function applyEdit(bytes: Buffer, { at, remove, insert, ends }: Edit): Buffer {
  const { before, after } = outside(bytes)
  const inside = bytes.subarray(before.length, bytes.length - after.length)
  const lines = linesOf(before).map((span) => textOf(before, span))
  const behind = linesOf(after).map((span) => textOf(after, span))
  if (at <= lines.length) lines.splice(at, remove, ...insert)
  else behind.splice(at - lines.length - 1, remove, ...insert)
  return Buffer.concat([joined(lines, true), inside, joined(behind, ends)])
}
