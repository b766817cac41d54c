import { ARITHMETIC, EMPTY_PARENTHESES, closeWordPart, readQuotable, readArithmetic } from './shell-quotes.ts'
import {
  type Context,
  type LineRun,
  type Reader,
  type ShellDialect,
  endLine,
  skipContinuation,
  takeMatch,
} from './shell-reader.ts'
import { takeStretch } from './shell-stretch.ts'
import { readWord } from './shell-words.ts'

const BLANKS = /[ \t]+/y
const OPERATOR = /;;&?|;[&|]|&&|&[|!]|\|\||\|&|[;&|]/y
const REDIRECTION = /&>>?|<<<|[<>]&|>\||[<>]/y
/** No script that a person wrote is nested like this. */
const DEEPEST = 100
const HERE_DOCUMENT = /<<(-?)[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\[^\n]|[^ \t\n;&|<>()'"\\])+)/y

/**
 * The lines of a bash, zsh or POSIX shell script in runs of one kind; the last run holds for the line that could follow
 * too. A reader of the grammar's nesting, no parser: where a construct is not understood, nothing that follows counts
 * as top level, so that nothing is ever taken for a plain statement that is none.
 *
 * @param takesStretches what needs no closer look is taken in one go; false reads everything token by token, with the
 *   same result
 */
export function readShell(text: string, dialect: ShellDialect = 'posix', takesStretches = true): readonly LineRun[] {
  const reader: Reader = {
    text,
    dialect,
    runs: [{ start: 0, kind: 'top-level' }],
    stack: [],
    hereDocuments: [],
    at: 0,
    expected: 'command',
    inWord: false,
    unfinished: false,
    lost: false,
    closerLookUpTo: 0,
  }
  while (reader.at < text.length && !reader.lost) {
    if (!takesStretches || !takeStretch(reader)) readNext(reader)
    reader.lost ||= reader.stack.length > DEEPEST
  }
  // What is lost is never found again.
  const isCutShort = reader.at < text.length
  if (isCutShort) reader.at = text.indexOf('\n', reader.at) + 1 || text.length
  if (isCutShort || !text.endsWith('\n')) endLine(reader, reader.hereDocuments.length > 0 ? 'data' : 'code')
  return reader.runs
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
  if (takeMatch(reader, BLANKS) !== undefined) {
    reader.inWord = false
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
