import { BYTE_ORDER_MARK, LINE_FEED, type Span } from '../block.ts'
import type { Parses } from './parser.ts'
import { isTopLevel } from './top-level.ts'

/** `#!/bin/sh`, `# vim: set ft=sh:` and `# -*- mode: sh -*-` count in the first line alone. */
const FIRST_LINE = /^(?:#!|[ \t]*#(?:.*-\*-.*-\*-|(?:.*[ \t])?(?:vi|[Vv]im(?:[<=>]?\d+)?|ex):))/
/** The end of a line behind which no statement of a laid-out script goes on. */
const LIKELY_END = /\n(?![ \t]|(?:fi|done|esac|then|else|elif|do)\b|[})]|;;)/g
/** With the end of the file, and up to four questions about the one that is taken, about twenty. */
const MOST_TRIED = 15

/**
 * Where a block at the beginning of a file stands: behind a first line that has to stay the first. The end of a file with
 * a byte order mark: right behind the mark the first line of the block would be no comment, but a syntax error, and what
 * the first line begins may go on in the next.
 */
export function beginningOf(bytes: Buffer): number {
  if (bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)) return bytes.length
  const end = bytes.indexOf(LINE_FEED) + 1 || bytes.length
  return FIRST_LINE.test(bytes.toString('latin1', 0, end)) ? end : 0
}

/**
 * Where a block can stand behind a line: at the end of a line at or after it that is at the top level, behind an `if`, a
 * quote or a here-document that holds it. The nearest are tried, then some in growing steps, so that a long file costs no
 * more than about twenty starts of the shell. The end of the file where none of these is, or no parser says.
 *
 * @param bytes the file without the block
 * @returns the offset; undefined where the end of the file is not at the top level
 */
export async function placeBehind(bytes: Buffer, { end }: Span, parses: Parses): Promise<number | undefined> {
  for (const place of [...likelyPlaces(bytes, end), bytes.length]) {
    const answer = await isTopLevel(bytes.subarray(0, place), parses)
    if (answer === 'no-parser') return bytes.length
    if (answer) return place
  }
  return undefined
}

function likelyPlaces(bytes: Buffer, from: number): readonly number[] {
  const places: number[] = []
  // From the line feed of the line itself.
  const start = Math.max(0, from - 1)
  let next = 0
  let index = 0
  for (const match of bytes.toString('latin1', start).matchAll(LIKELY_END)) {
    if (places.length === MOST_TRIED) break
    if (index === next) {
      places.push(start + match.index + 1)
      next = Math.max(index + 1, Math.ceil(index * 1.5))
    }
    index += 1
  }
  return places.filter((place) => place < bytes.length)
}
