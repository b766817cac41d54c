import { lineNumber, type Span } from './block.ts'
import { readShellLines, type ShellLine } from './shell-lines.ts'

/** A line of a profile that sets one of our variables, or keeps the block from being reached. */
interface ProfileLine extends Span {
  /** Counted from 1. */
  readonly line: number
  readonly name: string
}

export interface ProfileLines {
  /** Hand-written exports with a literal value, at the top level: the block takes their place. */
  readonly literalExports: readonly ProfileLine[]
  /** Whatever else sets or unsets one of the variables. It stays. */
  readonly otherAssignments: readonly ProfileLine[]
  /** `exec`, `exit` and `return` at the top level: nothing behind them is read. `name` is the command. */
  readonly exits: readonly ProfileLine[]
}

const NOTHING: ProfileLines = { literalExports: [], otherAssignments: [], exits: [] }
const EXITS = ['exec', 'exit', 'return']
const UNQUOTED = String.raw`[\w./:=+,@%^-]*`

/** Finds the lines that matter to these variables, outside the block. */
export function findProfileLines(bytes: Buffer, names: readonly string[], block: Span | undefined): ProfileLines {
  const mentioned = names.filter((name) => bytes.includes(name))
  const mayExit = EXITS.some(
    (exit) => bytes.includes(`\n${exit}`) || bytes.subarray(0, exit.length).equals(Buffer.from(exit)),
  )
  // Reading the grammar of a large profile takes a while, and hardly any mentions them.
  if (mentioned.length === 0 && !mayExit) return NOTHING
  // One character per byte, so that offsets agree whatever the encoding.
  const text = bytes.toString('latin1')
  const isOutside = ({ start, end }: Span): boolean => block === undefined || end <= block.start || start >= block.end
  const lines = readShellLines(text).filter((line) => !line.data && isOutside(line))
  const found = (span: Span, name: string): ProfileLine => ({ ...span, name, line: lineNumber(bytes, span.start) })

  const literalExports: ProfileLine[] = []
  const otherAssignments: ProfileLine[] = []
  const exits: ProfileLine[] = []
  for (const line of lines) {
    const code = text.slice(line.start, line.end)
    const name = mentioned.find((candidate) => sets(code, candidate))
    if (name !== undefined) {
      const list = isLiteralExport(line, code, name) ? literalExports : otherAssignments
      list.push(found({ start: line.start, end: line.end }, name))
    }
    const exit = line.topLevel ? EXITS.find((command) => new RegExp(`^${command}(?:\\s|;|$)`).test(code)) : undefined
    if (exit !== undefined && !isRedirection(code)) exits.push(found({ start: line.start, end: line.end }, exit))
  }
  return { literalExports, otherAssignments, exits }
}

function isLiteralExport({ topLevel }: ShellLine, code: string, name: string): boolean {
  const literal = new RegExp(
    `^[ \\t]*export[ \\t]+${name}=(?:'[^']*'|"[^"$\`\\\\]*"|${UNQUOTED})[ \\t]*;?[ \\t]*\\r?\\n?$`,
  )
  return topLevel && literal.test(code)
}

function sets(code: string, name: string): boolean {
  if (/^\s*#/.test(code)) return false
  return new RegExp(
    `(?<![\\w$#'"])${name}\\+?=|\\bunset\\s(?:.*\\s)?${name}(?!\\w)|\\bset\\s+-\\w+\\s+${name}(?!\\w)`,
  ).test(code)
}

/** `exec 2>file` changes the streams of the shell and goes on. */
function isRedirection(code: string): boolean {
  return /^exec\s+(?:\{\w+\}|\d*)[<>]/.test(code)
}
