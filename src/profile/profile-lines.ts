import { readShell } from '../files/shell-lines.ts'
import type { LineKind, LineRun, ShellDialect } from '../files/shell-reader.ts'
import { countLines, type Span } from './block.ts'

/** A line of a profile that sets one of our variables, or keeps the block from being reached. */
export interface ProfileLine extends Span {
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
const EXIT = /(?:^|\n)[ \t]*(exec|exit|return)(?=[\s;]|$)/g
const UNQUOTED = String.raw`[\w./:=+,@%^-]*`

/** Finds what matters to these variables in a profile, outside the block. */
export function readProfile(
  bytes: Buffer,
  names: readonly string[],
  block: Span | undefined,
  dialect: ShellDialect = 'posix',
): ProfileLines {
  // One character per byte, so that offsets agree whatever the encoding.
  const text = withoutContents(bytes.toString('latin1'), block)
  const mentioned = names.filter((name) => text.includes(name))
  const assignments = linesWith(mentioned, text)
  const leaving = [...text.matchAll(EXIT)]
  if (block?.start === 0 && assignments.length === 0 && leaving.length === 0) return NOTHING
  const runs = readOnce(text, dialect)
  const kindAt = (offset: number): LineKind | undefined => runs[runIndex(runs, offset)]?.kind
  const literalExports: ProfileLine[] = []
  const otherAssignments: ProfileLine[] = []
  const assignmentLine = countLines(bytes)
  for (const span of assignments) {
    const kind = kindAt(span.start)
    const code = text.slice(span.start, span.end)
    const name = mentioned.find((candidate) => code.includes(candidate) && sets(code, candidate))
    if (name === undefined || kind === 'data') continue
    const list = isLiteralExport(kind, code, name) ? literalExports : otherAssignments
    list.push({ ...span, name, line: assignmentLine(span.start) })
  }
  const exitLine = countLines(bytes)
  const exits = leaving.flatMap(({ index, 1: name = '' }) => {
    const start = text[index] === '\n' ? index + 1 : index
    if (kindAt(start) !== 'top-level') return []
    const span = { start, end: endOfLine(text, start) }
    return goesOn(text.slice(span.start, span.end)) ? [] : [{ ...span, name, line: exitLine(start) }]
  })
  const place = block?.start ?? literalExports[0]?.start ?? bytes.length
  return { literalExports, otherAssignments, exits, openLine: findOpenLine(runs, place, bytes) }
}

/** The lines that hold one of these words, in order and with their line endings. */
function linesWith(words: readonly string[], text: string): readonly Span[] {
  const lines: Span[] = []
  for (const word of words) {
    for (let at = text.indexOf(word); at !== -1;) {
      const end = endOfLine(text, at)
      lines.push({ start: text.lastIndexOf('\n', at) + 1, end })
      at = text.indexOf(word, end)
    }
  }
  if (lines.length < 2) return lines
  lines.sort((a, b) => a.start - b.start)
  return lines.filter(({ start }, index) => start !== lines[index - 1]?.start)
}

function endOfLine(text: string, offset: number): number {
  return text.indexOf('\n', offset) + 1 || text.length
}

/** The last run that begins here or before. */
function runIndex(runs: readonly LineRun[], offset: number): number {
  let [low, high] = [0, runs.length]
  while (high - low > 1) {
    const middle = (low + high) >>> 1
    if ((runs[middle]?.start ?? 0) <= offset) low = middle
    else high = middle
  }
  return low
}

function findOpenLine(runs: readonly LineRun[], offset: number, bytes: Buffer): number | undefined {
  let index = runIndex(runs, offset)
  if (runs[index]?.kind === 'top-level' || runs[index]?.kind === 'unknown') return undefined
  while (index > 0 && runs[index - 1]?.kind !== 'top-level') index -= 1
  return countLines(bytes)((runs[index]?.start ?? 0) - 1)
}

let last: { readonly text: string; readonly dialect: ShellDialect; readonly runs: readonly LineRun[] } | undefined

/** A setup looks at the same profile more than once, and reading the grammar of a large one takes a while. */
function readOnce(text: string, dialect: ShellDialect): readonly LineRun[] {
  if (last?.text !== text || last.dialect !== dialect) last = { text, dialect, runs: readShell(text, dialect) }
  return last.runs
}

/** Whatever the block holds, also a quote that is left open, gives way to what it will hold: here a comment. */
function withoutContents(text: string, block: Span | undefined): string {
  if (block === undefined) return text
  return `${text.slice(0, block.start)}${'#'.repeat(block.end - block.start - 1)}\n${text.slice(block.end)}`
}

function isLiteralExport(kind: LineKind | undefined, code: string, name: string): boolean {
  const literal = new RegExp(
    `^[ \\t]*export[ \\t]+${name}=(?:'[^']*'|"[^"$\`\\\\]*"|${UNQUOTED})[ \\t]*;?[ \\t]*\\r?\\n?$`,
  )
  return kind === 'top-level' && literal.test(code)
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
