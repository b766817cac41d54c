import { openWordPart, readSingleQuoted } from './shell-quotes.ts'
import { type Context, type Reader, skipContinuation, close, takeMatch } from './shell-reader.ts'

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
/** In these no word is one. */
const NO_COMMANDS: ReadonlySet<Context | undefined> = new Set(['words', 'test', 'for-head', 'case-head', 'pattern'])
/** Behind these a command begins. */
const BEFORE_COMMAND = new Set(['if', 'while', 'until', '{', '!', 'time', 'coproc', 'always'])
const WORD_ENDS = ' \t\n;&|<>()'
/** A subscript that may go on in the next line. */
const OPEN_SUBSCRIPT = /\w+\[(?![^\]\n]{0,200}\])/y
const PLAIN = /[^ \t\n;&|<>()`'"\\$]+/y
export function readWord(reader: Reader): void {
  const { text } = reader
  const isFragment = reader.inWord
  OPEN_SUBSCRIPT.lastIndex = reader.at
  reader.lost ||=
    !isFragment && reader.expected === 'command' && !NO_COMMANDS.has(reader.stack.at(-1)) && OPEN_SUBSCRIPT.test(text)
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

/** What a word does where a command may begin. */
export function endCommandWord(reader: Reader, word: string, context: Context | undefined): void {
  const isCommand = reader.expected === 'command'
  const closes = CLOSERS.get(word)
  const opens = word === 'repeat' && reader.dialect === 'zsh' ? 'for-head' : OPENERS.get(word)
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
