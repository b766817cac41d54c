import type { Span } from '../block.ts'
import type { Mention } from './mentions.ts'
import type { Parses } from './parser.ts'
import { isTopLevel } from './top-level.ts'

/** Nothing that a shell expands; zsh takes a word that begins with "=" for the name of a command. */
export const LITERAL_VALUE = String.raw`(?:'[^'\n]*'|"[^"$\x60\\\n]*"|(?!=)[\w./:=+,@%^-]*)`
const END = String.raw`(?:[ \t]*;?[ \t]*|[ \t]*;[ \t]*#[^\n]*|[ \t]+#[^\n]*)\r?\n?`
/** More than any person wrote; the record of what gave way must stay small enough to be read. */
const MOST_TAKEN_OVER = 1_000
const NO_CODE = /^(?:[ \t\r]*(?:#[^\n]*)?\n)*$/

/**
 * The hand-written exports that can give way to the block: whole lines `export NAME=literal`, perhaps with a comment,
 * that are statements of the top level. A thousand at most.
 *
 * @param mentions the lines outside the block that name one of the variables
 * @param parses the parser of the shell that reads the file. Without one, and where it does not understand what stands
 *   before a line, the line is none of them.
 */
export async function findLiteralExports(
  bytes: Buffer,
  names: readonly string[],
  mentions: readonly Mention[],
  block: Span | undefined,
  parses: Parses,
): Promise<readonly Mention[]> {
  const pattern = new RegExp(`^[ \\t]*export[ \\t]+(${names.join('|')})=${LITERAL_VALUE}${END}$`)
  // What the block holds is about to be replaced.
  const blocks = block === undefined ? [] : [block]
  const found: Mention[] = []
  for (const mention of mentions) {
    const [, name] = pattern.exec(bytes.toString('latin1', mention.start, mention.end)) ?? []
    if (name === undefined) continue
    if (found.length === MOST_TAKEN_OVER) break
    const previousEnd = found.at(-1)?.end
    const follows =
      previousEnd !== undefined && NO_CODE.test(between(bytes, previousEnd, mention.start, blocks).toString('latin1'))
    const answer = follows || (await isTopLevel(between(bytes, 0, mention.start, blocks), parses))
    // It would not answer for the lines below either.
    if (answer === 'no-parser') break
    if (answer) found.push({ ...mention, name })
  }
  if (found.length === 0) return []
  const whole = await parses(between(bytes, 0, bytes.length, blocks))
  const rest = await parses(between(bytes, 0, bytes.length, [...blocks, ...found]))
  return whole === true && rest !== true ? [] : found
}

/** The bytes from `start` up to `end`, without those of the spans, which do not overlap. */
function between(bytes: Buffer, start: number, end: number, spans: readonly Span[]): Buffer {
  const out = spans.filter((span) => span.start >= start && span.end <= end).toSorted((a, b) => a.start - b.start)
  const starts = [start, ...out.map((span) => span.end)]
  return Buffer.concat(starts.map((from, index) => bytes.subarray(from, out[index]?.start ?? end)))
}
