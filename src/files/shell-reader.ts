/**
 * What a line of a shell script is:
 * - `top-level`: a command may begin here, outside any compound statement, quote, here-document or continued line
 * - `inner`: it belongs to a statement that began above it
 * - `data`: it begins inside a quote or a here-document, so it is no code
 * - `unknown`: something above it was not understood
 */
export type LineKind = 'top-level' | 'inner' | 'data' | 'unknown'

/** Lines of one kind, from the first one's offset up to the next run. */
export interface LineRun {
  readonly start: number
  readonly kind: LineKind
}

/** What the script is written for: in zsh a `}` closes its group wherever it stands. */
export type ShellDialect = 'posix' | 'zsh'

export type Context =
  | 'subshell' // ( … )
  | 'braces' // { … }
  | 'substitution' // $( … ), <( … )
  | 'backtick'
  | 'double'
  | 'parameter' // ${ … }
  | 'arithmetic' // $(( … ))
  | 'arithmetic-command' // (( … ))
  | 'parentheses' // within arithmetic
  | 'words' // a=( … ), a glob's ( … ): no commands in here
  | 'test' // [[ … ]]
  | 'if'
  | 'for-head' // up to its "do"
  | 'loop'
  | 'case-head' // up to its "in"
  | 'case'
  | 'pattern' // of a case, up to its )

/** What may come next; behind a compound command only reserved words mean something. */
type Expected = 'command' | 'reserved-word' | 'function-name' | 'argument'

interface HereDocument {
  readonly delimiter: string
  readonly stripTabs: boolean
  readonly quoted: boolean
}

export interface Reader {
  readonly text: string
  readonly dialect: ShellDialect
  readonly runs: LineRun[]
  readonly stack: Context[]
  /** Begun in the line at hand; their text follows it. */
  readonly hereDocuments: HereDocument[]
  at: number
  expected: Expected
  /** Right behind a part of a word, where a `#` begins no comment. */
  inWord: boolean
  /** Behind `&&`, `|` or a function's name: the statement goes on in the next line. */
  unfinished: boolean
  lost: boolean
  /** Up to here nothing can be taken in one go: finding that out again and again would take for ever in a long line. */
  closerLookUpTo: number
}

/** A new line begins at `start`; `next` is what it begins with. */
export function beginLine(reader: Reader, start: number, next: 'code' | 'data' | 'continued' = 'code'): void {
  const kind = kindOfLine(reader, next)
  if (reader.runs.at(-1)?.kind !== kind) reader.runs.push({ start, kind })
}

function kindOfLine({ stack, lost, unfinished }: Reader, next: 'code' | 'data' | 'continued'): LineKind {
  if (lost) return 'unknown'
  if (next === 'data' || stack.includes('double') || stack.includes('parameter')) return 'data'
  return next === 'code' && stack.length === 0 && !unfinished ? 'top-level' : 'inner'
}

/** Ends the line before `at`. */
export function endLine(reader: Reader, next: 'code' | 'data' | 'continued' = 'code'): void {
  beginLine(reader, Math.min(reader.at, reader.text.length), next)
}

export function skipContinuation(reader: Reader): void {
  reader.at += 2
  endLine(reader, 'continued')
}

export function close(reader: Reader, context: Context): void {
  if (reader.stack.at(-1) === context) reader.stack.pop()
  else reader.lost = true
  reader.expected = 'reserved-word'
}

/** Skips a character in a quote, and with a backslash the one that it escapes. */
export function skipCharacter(reader: Reader): void {
  if (reader.text[reader.at] === '\\') reader.at += 1
  reader.at += 1
  if (reader.text[reader.at - 1] === '\n') endLine(reader)
}

export function takeMatch(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.text) ?? undefined
  reader.at += match?.[0].length ?? 0
  return match
}
