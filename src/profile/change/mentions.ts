import { countLines, type Span } from '../block.ts'

/** A line of a start-up file, with its line ending, that names one of the variables. */
export interface Mention extends Span {
  /** Counted from 1. */
  readonly line: number
  readonly name: string
}

interface Found extends Span {
  readonly name: string
  /** Where in the line the name stands. */
  readonly at: number
}

const WORD = /\w/
const COMMENT = /[ \t]*#/y

/**
 * The lines outside the block that name one of the variables as a whole word, in order; a line that names several is
 * there once, with the first of them. A line that is only a comment does not count.
 */
export function findMentions(bytes: Buffer, names: readonly string[], block: Span | undefined): readonly Mention[] {
  // Mostly there is none, and a profile may be large: text of it costs ten times the search.
  if (!names.some((name) => bytes.includes(name))) return []
  // One character per byte, so that offsets agree whatever the encoding; with many of them faster than the bytes.
  const text = bytes.toString('latin1')
  const found = names.flatMap((name) => linesWith(text, name, block)).toSorted((a, b) => a.at - b.at)
  const lineOf = countLines(bytes)
  return found
    .filter(({ start }, index) => start !== found[index - 1]?.start)
    .map(({ start, end, name }) => ({ start, end, line: lineOf(start), name }))
}

/** Whether a line does nothing with the variable but read it: `$NAME`, `${NAME…}`. */
export function isMereUse(bytes: Buffer, { start, end, name }: Mention): boolean {
  const line = bytes.toString('latin1', start, end)
  // `${NAME:=value}` sets it.
  return !new RegExp(`(?<!\\$|\\$\\{)\\b${name}\\b|\\$\\{${name}:{0,2}=`).test(line)
}

function linesWith(text: string, name: string, block: Span | undefined): readonly Found[] {
  const found: Found[] = []
  let next = 0
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, next)) {
    next = at + name.length
    if (block !== undefined && at >= block.start && at < block.end) next = block.end
    else if (!WORD.test(text.charAt(at - 1)) && !WORD.test(text.charAt(next))) {
      const start = text.lastIndexOf('\n', at) + 1
      next = text.indexOf('\n', at) + 1 || text.length
      COMMENT.lastIndex = start
      if (!COMMENT.test(text)) found.push({ start, end: next, name, at })
    }
  }
  return found
}
