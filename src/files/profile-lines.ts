import { lineNumber, type Span } from './block.ts'
import { readShellLines } from './shell-lines.ts'
import type { ShellDialect, ShellLine } from './shell-reader.ts'

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
const EXIT = /^[ \t]*(exec|exit|return)(?=[\s;]|$)/
const UNQUOTED = String.raw`[\w./:=+,@%^-]*`

/** Finds the lines that matter to these variables, outside the block. */
export function findProfileLines(
  bytes: Buffer,
  names: readonly string[],
  block: Span | undefined,
  dialect: ShellDialect = 'posix',
): ProfileLines {
  const mentioned = names.filter((name) => bytes.includes(name))
  const mayExit = ['exec', 'exit', 'return'].some((exit) => bytes.includes(exit))
  // Reading the grammar of a large profile takes a while, and hardly any mentions them.
  if (mentioned.length === 0 && !mayExit) return NOTHING
  // One character per byte, so that offsets agree whatever the encoding.
  const text = withoutContents(bytes.toString('latin1'), block)
  const isOutside = ({ start, end }: Span): boolean => block === undefined || end <= block.start || start >= block.end
  const lines = readShellLines(text, dialect).filter((line) => !line.data && isOutside(line))
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
    const exit = line.topLevel ? EXIT.exec(code)?.[1] : undefined
    if (exit !== undefined && !goesOn(code)) exits.push(found({ start: line.start, end: line.end }, exit))
  }
  return { literalExports, otherAssignments, exits }
}

/** Whatever the block holds, also a quote that is left open, gives way to what it will hold: here a comment. */
function withoutContents(text: string, block: Span | undefined): string {
  if (block === undefined) return text
  return `${text.slice(0, block.start)}${'#'.repeat(block.end - block.start - 1)}\n${text.slice(block.end)}`
}

function isLiteralExport({ topLevel }: ShellLine, code: string, name: string): boolean {
  const literal = new RegExp(
    `^[ \\t]*export[ \\t]+${name}=(?:'[^']*'|"[^"$\`\\\\]*"|${UNQUOTED})[ \\t]*;?[ \\t]*\\r?\\n?$`,
  )
  return topLevel && literal.test(code)
}

/** Whether a command in this line sets or unsets the variable; `NAME=value command` sets it for that command alone. */
function sets(line: string, name: string): boolean {
  const code = line.replace(/(?<=^|\s)#.*/, '')
  const start = String.raw`(?:^|[;&|(){]|\b(?:then|do|else)\b)\s*`
  const others = String.raw`[^;&|#]*?\s`
  const declared = String.raw`(?:export|declare|typeset|readonly|local)\s(?:${others})?["']?${name}\+?=`
  const plain = String.raw`(?:\w+=\S*\s+)*?${name}\+?=`
  const removed = String.raw`(?:unset|set\s+-\w+)\s(?:${others})?${name}(?!\w)`
  const word = String.raw`(?:'[^']*'|"(?:[^"\\$\x60]|\\.)*"|\\.|[^\s;&|'"\\()\x60])*`
  if (new RegExp(`${start}(?:${declared}|${removed})`).test(code)) return true
  return new RegExp(`${start}${plain}(?!${word}\\s+[^\\s;&|#])`).test(code)
}

/** `exec` changes the streams of the shell and goes on, unless it is given a command. */
function goesOn(code: string): boolean {
  return /^\s*exec\s*(?:$|[;#]|(?:\{\w+\}|\d*|&)[<>])/.test(code)
}

/**
 * The line, counted from 1, of the statement, quote or here-document that is still open at `offset`, where a line
 * begins. Undefined where none is, and where the profile is not understood.
 */
export function findOpenLine(bytes: Buffer, offset: number, dialect: ShellDialect = 'posix'): number | undefined {
  const before = readShellLines(bytes.toString('latin1'), dialect).filter(({ start }) => start <= offset)
  const here = before.at(-1)
  if (here === undefined || here.topLevel || here.unknown) return undefined
  const opening = before.findLast(({ topLevel }) => topLevel)
  return opening === undefined ? undefined : lineNumber(bytes, opening.start)
}
