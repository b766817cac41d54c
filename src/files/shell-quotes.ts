import { type Context, type Reader, endLine, skipCharacter, takeMatch } from './shell-reader.ts'

export const ARITHMETIC: readonly (Context | undefined)[] = ['arithmetic', 'arithmetic-command', 'parentheses']
export const EMPTY_PARENTHESES = /\([ \t]*\)/y
/** What means itself in double quotes and in `${ … }`. */
const QUOTED = /[^"'}`\\$\n]+/y

/** Goes into a quote or an expansion, if one begins here. */
export function openWordPart(reader: Reader): boolean {
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
  // Arithmetic of old, in which each shell ends a line in another way.
  reader.lost ||= text.startsWith('$[', at)
  if (text.startsWith('$((', at)) return open('arithmetic', 3)
  if (text.startsWith('$(', at)) return open('substitution', 2)
  if (!text.startsWith('${', at)) return false
  // The newest shells run commands in "${ …; }".
  reader.lost ||= ' \t\n|'.includes(text.charAt(at + 2))
  return open('parameter', 2)
}

export function closeWordPart(reader: Reader): void {
  reader.stack.pop()
  reader.at += 1
  reader.inWord = true
  reader.expected = 'argument'
}

export function readQuotable(reader: Reader, context: 'double' | 'parameter'): void {
  const quoted = takeMatch(reader, QUOTED)?.[0]
  // In zsh a brace that opens there has to be closed, too.
  reader.lost ||= context === 'parameter' && reader.dialect === 'zsh' && quoted?.includes('{') === true
  if (quoted !== undefined) return
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

export function readArithmetic(reader: Reader, context: Context | undefined): void {
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

export function readSingleQuoted(reader: Reader): void {
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
