import { lineNumber, type Span } from './block.ts'
import { readShell, type ShellScript } from './shell-lines.ts'
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
  /**
   * The line, counted from 1, of the statement, quote or here-document that is still open where the block stands or is
   * to stand. Undefined where none is, and where the profile is not understood.
   */
  readonly openLine: number | undefined
}

const NOTHING: ProfileLines = { literalExports: [], otherAssignments: [], exits: [], openLine: undefined }
const EXITS = ['exec', 'exit', 'return']
const EXIT = new RegExp(String.raw`^[ \t]*(${EXITS.join('|')})(?=[\s;]|$)`)
const UNQUOTED = String.raw`[\w./:=+,@%^-]*`

/** Finds what matters to these variables in a profile, outside the block. */
export function readProfile(
  bytes: Buffer,
  names: readonly string[],
  block: Span | undefined,
  dialect: ShellDialect = 'posix',
): ProfileLines {
  const outside = block === undefined ? [bytes] : [bytes.subarray(0, block.start), bytes.subarray(block.end)]
  const isMentioned = (word: string): boolean => outside.some((part) => part.includes(word))
  const mentioned = names.filter(isMentioned)
  const words = [...mentioned, ...EXITS.filter(isMentioned)]
  if (outside[0]?.length === 0 && words.length === 0) return NOTHING
  // One character per byte, so that offsets agree whatever the encoding.
  const text = withoutContents(bytes.toString('latin1'), block)
  const script = readOnce(text, dialect)
  const found = (span: Span, name: string): ProfileLine => ({ ...span, name, line: lineNumber(bytes, span.start) })

  const literalExports: ProfileLine[] = []
  const otherAssignments: ProfileLine[] = []
  const exits: ProfileLine[] = []
  for (const line of words.length === 0 ? [] : script.lines) {
    const code = text.slice(line.start, line.end)
    if (line.data || !words.some((word) => code.includes(word))) continue
    const name = mentioned.find((candidate) => code.includes(candidate) && sets(code, candidate))
    if (name !== undefined) {
      const list = isLiteralExport(line, code, name) ? literalExports : otherAssignments
      list.push(found({ start: line.start, end: line.end }, name))
    }
    const exit = line.topLevel ? EXIT.exec(code)?.[1] : undefined
    if (exit !== undefined && !goesOn(code)) exits.push(found({ start: line.start, end: line.end }, exit))
  }
  const place = block?.start ?? literalExports[0]?.start ?? bytes.length
  return { literalExports, otherAssignments, exits, openLine: findOpenLine(script, place, bytes) }
}

function findOpenLine({ lines, next }: ShellScript, offset: number, bytes: Buffer): number | undefined {
  const index = lines.findIndex(({ start }) => start >= offset)
  const here = lines[index] ?? next
  if (here.topLevel || here.unknown) return undefined
  const opening = lines.slice(0, index === -1 ? lines.length : index).findLast(({ topLevel }) => topLevel)
  return opening === undefined ? undefined : lineNumber(bytes, opening.start)
}

let last: { readonly text: string; readonly dialect: ShellDialect; readonly script: ShellScript } | undefined

/** A setup looks at the same profile more than once, and reading the grammar of a large one takes a while. */
function readOnce(text: string, dialect: ShellDialect): ShellScript {
  if (last?.text !== text || last.dialect !== dialect) last = { text, dialect, script: readShell(text, dialect) }
  return last.script
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
