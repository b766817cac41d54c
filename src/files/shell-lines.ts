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

type Context =
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

interface Reader {
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

const ARITHMETIC: readonly (Context | undefined)[] = ['arithmetic', 'arithmetic-command', 'parentheses']
const OPENERS: ReadonlyMap<string, Context> = new Map([
  ['if', 'if'],
  ['for', 'for-head'],
  ['foreach', 'for-head'],
  ['select', 'for-head'],
  ['while', 'loop'],
  ['until', 'loop'],
  ['case', 'case-head'],
  ['{', 'braces'],
  ['[[', 'test'],
])
const CLOSERS: ReadonlyMap<string, Context> = new Map([
  ['fi', 'if'],
  ['done', 'loop'],
  ['esac', 'case'],
  ['}', 'braces'],
])
const MIDDLES: ReadonlyMap<string, Context> = new Map([
  ['then', 'if'],
  ['elif', 'if'],
  ['else', 'if'],
  ['do', 'loop'],
])
/** Behind these a command begins. */
const BEFORE_COMMAND = new Set(['if', 'while', 'until', '{', '!', 'time', 'coproc', 'always'])
const WORD_ENDS = ' \t\n;&|<>()'
const PLAIN = /[^ \t\n;&|<>()`'"\\$]+/y
const OPERATOR = /;;&?|;[&|]|&&|&[|!]|\|\||\|&|[;&|]/y
const REDIRECTION = /&>>?|<<<|[<>]&|>\||[<>]/y
const HERE_DOCUMENT = /<<(-?)[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\[^\n]|[^ \t\n;&|<>()'"\\])+)/y
const EMPTY_PARENTHESES = /\([ \t]*\)/y

/**
 * The lines of a bash, zsh or POSIX shell script, and for each whether it stands at the top level. A reader of the
 * grammar's nesting, no parser: where a construct is not understood, nothing that follows counts as top level, so that
 * nothing is ever taken for a plain statement that is none.
 */
export function readShellLines(text: string, dialect: ShellDialect = 'posix'): readonly ShellLine[] {
  const reader: Reader = {
    text,
    dialect,
    lines: [],
    stack: [],
    hereDocuments: [],
    at: 0,
    line: { start: 0, topLevel: true, data: false, unknown: false },
    expected: 'command',
    inWord: false,
    unfinished: false,
    lost: false,
  }
  while (reader.at < text.length) readNext(reader)
  if (reader.line.start < text.length) endLine(reader)
  return reader.lines
}

function readNext(reader: Reader): void {
  const context = reader.stack.at(-1)
  if (context === 'double' || context === 'parameter') readQuotable(reader, context)
  else if (ARITHMETIC.includes(context)) readArithmetic(reader, context)
  else readCode(reader, context)
}

function readCode(reader: Reader, context: Context | undefined): void {
  const character = reader.text.charAt(reader.at)
  if (character === '\n') return readNewline(reader)
  if (character === ' ' || character === '\t') {
    reader.inWord = false
    reader.at += 1
    return
  }
  if (reader.text.startsWith('\\\n', reader.at)) return skipContinuation(reader)
  if (character === '#' && !reader.inWord) return skipComment(reader)
  reader.unfinished = false
  if (character === '(') readOpening(reader, context)
  else if (character === ')') readClosing(reader, context)
  else if ('<>'.includes(character) || reader.text.startsWith('&>', reader.at)) readRedirection(reader, context)
  else if (';&|'.includes(character)) readOperator(reader, context)
  else if (character === '`' && context === 'backtick') closeWordPart(reader)
  else readWord(reader)
}

function readNewline(reader: Reader): void {
  const { text, hereDocuments } = reader
  reader.at += 1
  reader.inWord = false
  if (reader.expected !== 'function-name') reader.expected = 'command'
  endLine(reader, hereDocuments.length > 0 ? 'data' : 'code')
  let joined = false
  for (let [document] = hereDocuments; document !== undefined && reader.at < text.length; [document] = hereDocuments) {
    const newline = text.indexOf('\n', reader.at)
    const line = text.slice(reader.at, newline === -1 ? text.length : newline)
    if (!joined && (document.stripTabs ? line.replace(/^\t+/, '') : line) === document.delimiter) hereDocuments.shift()
    joined = !document.quoted && /(?<!\\)(?:\\\\)*\\$/.test(line)
    reader.at += line.length + 1
    endLine(reader, hereDocuments.length > 0 ? 'data' : 'code')
  }
}

/** Ends the line before `at`; `next` is what the new one begins with. */
function endLine(reader: Reader, next: 'code' | 'data' | 'continued' = 'code'): void {
  const { stack, lost, unfinished } = reader
  const end = Math.min(reader.at, reader.text.length)
  reader.lines.push({ ...reader.line, end })
  const data = !lost && (next === 'data' || stack.includes('double') || stack.includes('parameter'))
  const topLevel = next === 'code' && stack.length === 0 && !unfinished && !lost
  reader.line = { start: end, topLevel, data, unknown: lost }
}

function skipContinuation(reader: Reader): void {
  reader.at += 2
  endLine(reader, 'continued')
}

function skipComment(reader: Reader): void {
  const ends = [reader.text.indexOf('\n', reader.at)]
  if (reader.stack.includes('backtick')) ends.push(reader.text.indexOf('`', reader.at))
  reader.at = Math.min(...ends.map((end) => (end === -1 ? reader.text.length : end)))
}

function readOpening(reader: Reader, context: Context | undefined): void {
  const { text, at, expected, inWord } = reader
  const isArray = inWord && text[at - 1] === '='
  const empty = takeMatch(reader, EMPTY_PARENTHESES)
  if (empty !== undefined && !isArray && context !== 'words' && context !== 'pattern' && context !== 'test') {
    reader.expected = 'command'
    reader.inWord = false
    reader.unfinished = true
    return
  }
  reader.at = at + 1
  reader.inWord = !isArray
  if (context === 'test') return
  if (context === 'pattern' && expected === 'command' && !inWord) reader.expected = 'argument'
  else if (inWord || context === 'words' || context === 'pattern') reader.stack.push('words')
  else if (text[at + 1] === '(' && (expected === 'command' || context === 'for-head')) {
    reader.stack.push('arithmetic-command')
    reader.at += 1
  } else if (expected === 'command') {
    reader.stack.push('subshell')
    reader.inWord = false
  } else if (context === 'for-head') reader.lost = true
  else reader.stack.push('words')
}

function readClosing(reader: Reader, context: Context | undefined): void {
  if (context === 'words' || context === 'substitution') return closeWordPart(reader)
  reader.at += 1
  reader.inWord = context === 'test'
  if (context === 'test') return
  if (context !== 'pattern' && context !== 'subshell') reader.lost = true
  reader.stack.pop()
  reader.expected = context === 'pattern' ? 'command' : 'reserved-word'
}

function readRedirection(reader: Reader, context: Context | undefined): void {
  const { text, at } = reader
  reader.inWord = false
  if (context === 'test') reader.at += 1
  else if (text.startsWith('<<', at) && text[at + 2] !== '<') readHereDocument(reader)
  else if (text[at + 1] === '(') {
    reader.at += 2
    reader.stack.push('substitution')
    reader.expected = 'command'
  } else {
    takeMatch(reader, REDIRECTION)
    reader.expected = 'argument'
  }
}

function readHereDocument(reader: Reader): void {
  const [all, dash, word = ''] = takeMatch(reader, HERE_DOCUMENT) ?? []
  reader.expected = 'argument'
  if (all === undefined) {
    reader.lost = true
    reader.at += 2
    return
  }
  const delimiter = word.replaceAll(/['"\\]/g, '')
  reader.hereDocuments.push({ delimiter, stripTabs: dash === '-', quoted: delimiter !== word })
}

function readOperator(reader: Reader, context: Context | undefined): void {
  const [operator = ''] = takeMatch(reader, OPERATOR) ?? []
  reader.inWord = false
  if (context === 'pattern') return
  reader.expected = 'command'
  reader.unfinished = ['&&', '||', '|', '|&'].includes(operator)
  if (context === 'case' && operator.startsWith(';') && operator.length > 1) reader.stack.push('pattern')
}

function readWord(reader: Reader): void {
  const { text } = reader
  const isFragment = reader.inWord
  let word = ''
  reader.inWord = true
  while (reader.at < text.length) {
    const character = text.charAt(reader.at)
    const [plain] = takeMatch(reader, PLAIN) ?? []
    if (plain !== undefined) word += plain
    else if (character === '(') {
      // An array, a function, a glob's qualifier: which one is for the parenthesis to tell.
      return
    } else if (WORD_ENDS.includes(character) || (character === '`' && reader.stack.at(-1) === 'backtick')) break
    else if (text.startsWith('\\\n', reader.at)) skipContinuation(reader)
    else if (character === '\\') {
      word += character
      reader.at += 2
    } else if (character === "'") {
      readSingleQuoted(reader)
      word += character
    } else if (openWordPart(reader)) return
    else {
      word += character
      reader.at += 1
    }
  }
  if (isFragment) reader.expected = 'argument'
  else endWord(reader, word)
}

function endWord(reader: Reader, word: string): void {
  const { stack, expected } = reader
  const context = stack.at(-1)
  if (context === 'test') endTestWord(reader, word)
  else if (context === 'pattern') {
    reader.expected = 'argument'
    if (word === 'esac') {
      stack.pop()
      close(reader, 'case')
    }
  } else if (context === 'case-head') {
    if (word === 'in') {
      stack.splice(-1, 1, 'case', 'pattern')
      reader.expected = 'command'
    }
  } else if (context === 'words') return
  else if (expected === 'function-name') {
    reader.expected = 'command'
    reader.unfinished = true
  } else if (expected === 'argument') endArgument(reader, word, context)
  else endCommandWord(reader, word, context)
}

function endTestWord(reader: Reader, word: string): void {
  if (word === ']]') close(reader, 'test')
  else if (word === '[[') reader.lost = true
}

function endArgument(reader: Reader, word: string, context: Context | undefined): void {
  // A group that begins where none is expected, as behind the name of a coprocess.
  if (word === '{') reader.lost = true
  else if (word === '}' && reader.dialect === 'zsh' && context === 'braces') close(reader, 'braces')
}

function endCommandWord(reader: Reader, word: string, context: Context | undefined): void {
  const isCommand = reader.expected === 'command'
  const closes = CLOSERS.get(word)
  const opens = OPENERS.get(word)
  const middle = MIDDLES.get(word)
  reader.expected = middle !== undefined || BEFORE_COMMAND.has(word) ? 'command' : 'argument'
  if (closes !== undefined) close(reader, closes)
  else if (context === 'for-head') endForHead(reader, word)
  else if (middle !== undefined) reader.lost ||= middle !== context
  else if (opens !== undefined && isCommand) reader.stack.push(opens)
  else if (word === '{') reader.lost = true
  else if (word === 'function') reader.expected = 'function-name'
}

function endForHead(reader: Reader, word: string): void {
  if (word === 'do') reader.stack.splice(-1, 1, 'loop')
  else if (word === '{') reader.stack.splice(-1, 1, 'braces')
  // Without its "do" a loop of zsh has a single command, and where that ends is not known.
  else if (word !== 'in') reader.lost = true
}

function close(reader: Reader, context: Context): void {
  if (reader.stack.at(-1) === context) reader.stack.pop()
  else reader.lost = true
  reader.expected = 'reserved-word'
}

/** Goes into a quote or an expansion, if one begins here. */
function openWordPart(reader: Reader): boolean {
  const { text, at, stack } = reader
  const open = (context: Context, length: number): true => {
    stack.push(context)
    reader.at += length
    reader.inWord = false
    reader.expected = 'command'
    return true
  }
  if (text[at] === '"') return open('double', 1)
  if (text[at] === '`') {
    reader.lost ||= stack.includes('backtick')
    return open('backtick', 1)
  }
  if (text.startsWith('$((', at)) return open('arithmetic', 3)
  if (text.startsWith('$(', at)) return open('substitution', 2)
  if (!text.startsWith('${', at)) return false
  // The newest shells run commands in "${ …; }".
  reader.lost ||= ' \t\n|'.includes(text.charAt(at + 2))
  return open('parameter', 2)
}

function closeWordPart(reader: Reader): void {
  reader.stack.pop()
  reader.at += 1
  reader.inWord = true
  reader.expected = 'argument'
}

function readQuotable(reader: Reader, context: 'double' | 'parameter'): void {
  const character = reader.text.charAt(reader.at)
  if (character === (context === 'double' ? '"' : '}')) closeWordPart(reader)
  else if (character === "'" && context === 'parameter') readQuoteInParameter(reader)
  else if (!openWordPart(reader)) skipCharacter(reader)
}

/** Within double quotes it depends on the operator, and on the shell, whether a single quote in `${ … }` is one. */
function readQuoteInParameter(reader: Reader): void {
  const { text, at, stack } = reader
  if (stack.findLast((context) => context !== 'parameter') !== 'double') return readSingleQuoted(reader)
  const [quoted] = /'[^'"`$\\}\n]*'/y.exec(text.slice(at, at + 1024)) ?? []
  reader.lost ||= quoted === undefined
  reader.at += quoted?.length ?? 1
}

function readArithmetic(reader: Reader, context: Context | undefined): void {
  const { text, at, stack } = reader
  if (text[at] === '(') {
    stack.push('parentheses')
    reader.at += 1
  } else if (text[at] === ')' && context === 'parentheses') {
    stack.pop()
    reader.at += 1
  } else if (text.startsWith('))', at)) {
    closeWordPart(reader)
    reader.at += 1
    if (context === 'arithmetic-command') {
      reader.inWord = false
      reader.expected = 'reserved-word'
    }
  } else if (!openWordPart(reader)) {
    // "$((" was "$( (" then, or "((" was "( (".
    reader.lost ||= text[at] === ')'
    skipCharacter(reader)
  }
}

/** Skips a character in a quote, and with a backslash the one that it escapes. */
function skipCharacter(reader: Reader): void {
  if (reader.text[reader.at] === '\\') reader.at += 1
  reader.at += 1
  if (reader.text[reader.at - 1] === '\n') endLine(reader)
}

function readSingleQuoted(reader: Reader): void {
  const { text } = reader
  const isAnsi = /(?<![$\\])(?:\$\$)*\$$/.test(text.slice(Math.max(0, reader.at - 64), reader.at))
  reader.at += 1
  while (reader.at < text.length && text[reader.at] !== "'") {
    if (isAnsi && text[reader.at] === '\\') reader.at += 1
    // In backticks it depends on the shell which of the two comes first.
    if (text[reader.at] === '`' && reader.stack.includes('backtick')) reader.lost = true
    reader.at += 1
    if (text[reader.at - 1] === '\n') endLine(reader, 'data')
  }
  if (reader.at >= text.length) reader.lost = true
  reader.at += 1
}

function takeMatch(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at
  const match = pattern.exec(reader.text) ?? undefined
  reader.at += match?.[0].length ?? 0
  return match
}
