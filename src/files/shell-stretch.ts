import { type Context, type Reader, beginLine, close } from './shell-reader.ts'
import { endCommandWord } from './shell-words.ts'

/** No repetition without a bound: a regular expression remembers every step, and V8's memory for that has a limit. */
const MOST = '{0,99}'
const RESERVED =
  'if|then|elif|else|fi|for|foreach|select|while|until|repeat|do|done|case|esac|function|time|coproc|always'
/**
 * No command that begins with something reserved, or with a subscript that may go on in the next line. A blank is none,
 * so that the blanks before it are all taken.
 */
const COMMAND = String.raw`(?!(?:${RESERVED})[ \t\n;&|<>()]|\[\[|[ \t!]|\w+\[(?![^\]\n]{0,200}\]))`
const DOLLAR = String.raw`\$(?:#|(?![({[']))`
const ESCAPED = String.raw`\\[^\n]`
const SINGLE = String.raw`'[^'\n]*'`
const PARAMETER = String.raw`\$\{(?![ \t|])[^"'{}\x60\\$\n]*(?:\$(?![({['])[^"'{}\x60\\$\n]*)${MOST}\}`
/** Double quotes with nothing in them but text and plain variables. */
const SIMPLE_DOUBLE = String.raw`"[^"\x60\\$\n]*(?:\$(?![({[])[^"\x60\\$\n]*)${MOST}"`
/** A redirection, but no here-document and no process substitution. */
const REDIRECTION = String.raw`[<>](?:&|(?![<(&|]))`
const CHARACTERS = String.raw`[^'"\x60\\$(){}<>&|;#\n]*`
const repeated = (characters: string, others: readonly string[]): string =>
  `${characters}(?:(?:${others.join('|')})${characters})${MOST}`
const SUBSTITUTION = String.raw`\$\(${COMMAND}${repeated(CHARACTERS, [SINGLE, SIMPLE_DOUBLE, DOLLAR, REDIRECTION])}\)`
const DOUBLE = `"${repeated(String.raw`[^"\x60\\$\n]*`, [String.raw`\$(?![({[])`, ESCAPED, PARAMETER, SUBSTITUTION])}"`
const BODY = repeated(CHARACTERS, [ESCAPED, SINGLE, DOUBLE, DOLLAR, PARAMETER, SUBSTITUTION, REDIRECTION, '&>'])
const OPERATOR = String.raw`;(?![;&|])|&(?![&|!>])|(?:&&|\|\||\|&|\|(?![|&]))[ \t]*(?=[^ \t\n#\\])`
const STATEMENT = String.raw`[ \t]*(?:#[^\n]*\n|${COMMAND}${BODY}(?:${OPERATOR}|(?=;;)|(?:[ \t]#[^\n]*)?\n))`
const FUNCTION = String.raw`(?:function[ \t]+[\w.:+@-]+(?:[ \t]*\(\)|[ \t])|[\w.:+@-]+\(\))[ \t]*\{(?=[ \t\n])`
const FOR = String.raw`for[ \t]${repeated(CHARACTERS, [SIMPLE_DOUBLE, DOLLAR])};[ \t]*do(?=[ \t\n;])`
const CASE = String.raw`case[ \t]+(?:\$[\w-]+|${SIMPLE_DOUBLE})[ \t]+in(?=[ \t\n])`
const WORD = String.raw`([a-z]+|[{}])(?=[ \t\n;])[ \t]*(;(?![;&|]))?`
/**
 * Statements that leave the nesting as it is, and then perhaps one word that changes it. What is unsure is left to the
 * reader: this only has to be right about what it takes.
 */
const STRETCH = new RegExp(`(?:${STATEMENT})${MOST}([ \\t]*(?:${FUNCTION}|${FOR}|${CASE}|;;(?!&)|${WORD}))?`, 'y')
/** Of a case: its patterns up to the parenthesis, or its end. */
const ARM =
  /[ \t\n]{0,99}(?![ \t\n])(?:(esac)(?=[ \t\n;])[ \t]*(;(?![;&|]))?|(?![^)\n]*esac)(?:[^ \t\n'"`\\$(){}<>&;#]|'[^')\n]*'|"[^")`\\$\n]*"){1,99}\))/y
const NOT_BLANK = /[^ \t\n]/g
/** Within these a statement is an ordinary command. */
const BODIES: ReadonlySet<Context | undefined> = new Set([undefined, 'subshell', 'braces', 'if', 'loop', 'case'])

/** Takes what is plain in one go, which needs a tenth of the time. False where the next thing is not. */
export function takeStretch(reader: Reader): boolean {
  const { text, at, stack, expected, inWord, unfinished, hereDocuments } = reader
  if (at < reader.closerLookUpTo || expected !== 'command' || inWord || unfinished) return false
  if (hereDocuments.length > 0) return false
  const context = stack.at(-1)
  const isPattern = context === 'pattern'
  if ((!isPattern && !BODIES.has(context)) || stack.includes('backtick')) return false
  const pattern = isPattern ? ARM : STRETCH
  pattern.lastIndex = at
  // Not taken apart by a pattern: that is slow in code that is not compiled yet.
  const match = pattern.exec(text)
  const taken = match?.[0] ?? ''
  if (match === null || taken === '') {
    NOT_BLANK.lastIndex = at
    // Blanks come without an end too.
    const next = NOT_BLANK.exec(text)?.index ?? text.length
    reader.closerLookUpTo = text.indexOf('\n', next) + 1 || text.length
    return false
  }
  const token = match[1]
  const word = match[2]
  const newline = taken.indexOf('\n')
  if (newline !== -1) beginLine(reader, at + newline + 1)
  reader.at = at + taken.length
  if (isPattern) endArm(reader, token)
  else if (word !== undefined) endCommandWord(reader, word, context)
  else if (token !== undefined) openToken(reader, token, context)
  const isEnded = match[isPattern ? 2 : 3] !== undefined
  if (isEnded || (reader.expected === 'reserved-word' && text[reader.at] === '\n')) reader.expected = 'command'
  return true
}

function endArm(reader: Reader, end: string | undefined): void {
  reader.stack.pop()
  if (end !== undefined) close(reader, 'case')
}

function openToken({ stack }: Reader, token: string, context: Context | undefined): void {
  if (token.endsWith('{')) stack.push('braces')
  else if (token.endsWith('do')) stack.push('loop')
  else if (token.endsWith('in')) stack.push('case', 'pattern')
  else if (context === 'case') stack.push('pattern')
}
