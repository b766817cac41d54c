import { linesOf } from '../lines-of.ts'

/** A line with those that continue it behind a backslash, without a comment; counted from 1. */
export interface LogicalLine {
  readonly line: number
  readonly text: string
}

/** The lines of a file that have a command; none where it cannot be read. */
export function logicalLinesOf(file: string): readonly LogicalLine[] {
  const found: LogicalLine[] = []
  let open: LogicalLine | undefined
  for (const [index, text] of linesOf(file).entries()) {
    const isContinued = /(?:^|[^\\])(?:\\\\)*\\$/.test(text)
    const joined = {
      line: open?.line ?? index + 1,
      text: `${open?.text ?? ''}${isContinued ? text.slice(0, -1) : text}`,
    }
    open = isContinued ? joined : undefined
    if (!isContinued && !/^\s*(?:#|$)/.test(joined.text)) found.push(joined)
  }
  return found
}
