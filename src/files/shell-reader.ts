/** One physical line of a shell profile. */
export interface ShellLine {
  /** Offsets into the text; `end` is behind the line ending. */
  readonly start: number
  readonly end: number
  /** A command may begin here, outside any compound statement, quote, here-document or continued line. */
  readonly topLevel: boolean
  /** The line begins inside a quote or a here-document, so it is data and no code. */
  readonly data: boolean
  /** Something above it was not understood, so nothing is known of this line. */
  readonly unknown: boolean
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
  readonly lines: ShellLine[]
  readonly stack: Context[]
  /** Begun in the line at hand; their text follows it. */
  readonly hereDocuments: HereDocument[]
  at: number
  line: Omit<ShellLine, 'end'>
  expected: Expected
  /** Right behind a part of a word, where a `#` begins no comment. */
  inWord: boolean
  /** Behind `&&`, `|` or a function's name: the statement goes on in the next line. */
  unfinished: boolean
  lost: boolean
}

/** Ends the line before `at`; `next` is what the new one begins with. */
export function endLine(reader: Reader, next: 'code' | 'data' | 'continued' = 'code'): void {
  const { stack, lost, unfinished } = reader
  const end = Math.min(reader.at, reader.text.length)
  const { line } = reader
  reader.lines.push({ start: line.start, end, topLevel: line.topLevel, data: line.data, unknown: line.unknown })
  const data = !lost && (next === 'data' || stack.includes('double') || stack.includes('parameter'))
  const topLevel = next === 'code' && stack.length === 0 && !unfinished && !lost
  reader.line = { start: end, topLevel, data, unknown: lost }
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
