/** One physical line of a shell profile. */
export interface ShellLine {
  /** Offsets into the text; `end` is behind the line ending. */
  readonly start: number
  readonly end: number
  /** A command may begin here, outside any compound statement, quote, here-document or continued line. */
  readonly topLevel: boolean
  /** The line begins inside a quote or a here-document, so it is data and no code. */
  readonly data: boolean
}

type Context =
  | 'group' // ( … ), $( … ), { … }
  | 'words' // a=( … ), a glob's (…), the () of a function: no commands in here
  | 'arithmetic'
  | 'if'
  | 'loop'
  | 'case-head' // up to its "in"
  | 'case'
  | 'pattern' // of a case, up to its )
  | 'backtick'
  | 'test' // [[ … ]]
  | 'double'
  | 'parameter' // ${ … }

interface HereDocument {
  readonly delimiter: string
  readonly stripTabs: boolean
}

const DATA_CONTEXTS: readonly Context[] = ['double', 'parameter']
/** Reserved words behind which a command begins again. */
const STILL_COMMAND = new Set(['then', 'else', 'elif', 'do', '!', 'time', 'always', '{'])
const OPENERS: ReadonlyMap<string, Context> = new Map([
  ['if', 'if'],
  ['for', 'loop'],
  ['foreach', 'loop'],
  ['while', 'loop'],
  ['until', 'loop'],
  ['select', 'loop'],
  ['case', 'case-head'],
  ['{', 'group'],
  ['[[', 'test'],
])
const CLOSERS: ReadonlyMap<string, Context> = new Map([
  ['fi', 'if'],
  ['done', 'loop'],
  ['esac', 'case'],
  ['}', 'group'],
])

/**
 * The lines of a bash, zsh or POSIX shell script, and for each whether it stands at the top level. A reader of the
 * grammar's nesting, no parser: where a construct is not understood, all that follows counts as nested, so that
 * nothing is ever taken for a plain statement that is none.
 */
export function readShellLines(text: string): readonly ShellLine[] {
  const lines: ShellLine[] = []
  const stack: Context[] = []
  const hereDocuments: HereDocument[] = []
  let lost = false
  let commandPosition = true
  let namesFunction = false
  let continued = false
  let at = 0
  let lineStart = 0
  let startedTopLevel = true
  let startedAsData = false

  const top = (): Context | undefined => stack.at(-1)
  const inData = (): boolean => stack.some((context) => DATA_CONTEXTS.includes(context))
  const endLine = (end: number): void => {
    lines.push({ start: lineStart, end, topLevel: startedTopLevel, data: startedAsData })
    lineStart = end
    startedTopLevel = stack.length === 0 && !continued && !lost
    startedAsData = inData()
  }
  const pop = (context: Context): void => {
    if (top() === context) stack.pop()
    else lost = true
  }
  const skipHereDocuments = (): void => {
    for (const { delimiter, stripTabs } of hereDocuments.splice(0)) {
      while (at < text.length) {
        const newline = text.indexOf('\n', at)
        const end = newline === -1 ? text.length : newline + 1
        const line = text.slice(at, newline === -1 ? text.length : newline)
        startedTopLevel = false
        startedAsData = true
        at = end
        endLine(end)
        if ((stripTabs ? line.replace(/^\t+/, '') : line) === delimiter) break
      }
    }
  }
  const readQuoted = (close: string, escapes: boolean): void => {
    while (at < text.length && text[at] !== close) {
      if (escapes && text[at] === '\\') at += 1
      if (text[at] === '\n') {
        at += 1
        endLine(at)
        startedTopLevel = false
        startedAsData = true
      } else at += 1
    }
    if (at >= text.length) lost = true
    at += 1
  }
  const readHereDocument = (): void => {
    const match = /^<<(-?)[ \t]*((?:'[^'\n]*'|"[^"\n]*"|\\.|[^\s;&|<>()'"\\])+)/.exec(text.slice(at, at + 512))
    if (match === null) {
      lost = true
      at += 2
      return
    }
    hereDocuments.push({ delimiter: (match[2] ?? '').replaceAll(/['"\\]/g, ''), stripTabs: match[1] === '-' })
    at += match[0].length
  }
  const endWord = (word: string): void => {
    if (top() === 'test') {
      if (word === ']]') stack.pop()
      return
    }
    if (top() === 'pattern') {
      if (word === 'esac') {
        stack.pop()
        pop('case')
      }
      return
    }
    if (top() === 'case-head') {
      if (word === 'in') stack.splice(-1, 1, 'case', 'pattern')
      return
    }
    if (namesFunction) {
      namesFunction = false
      commandPosition = true
      return
    }
    if (!commandPosition || top() === 'words') return
    const closes = CLOSERS.get(word)
    const opens = OPENERS.get(word)
    if (closes !== undefined) pop(closes)
    else if (opens !== undefined) stack.push(opens)
    namesFunction = word === 'function'
    commandPosition = STILL_COMMAND.has(word) || (opens !== undefined && ['if', 'while', 'until'].includes(word))
  }

  while (at < text.length) {
    const character = text.charAt(at)
    const context = top()
    if (context === 'double' || context === 'parameter') {
      if (character === '\\') {
        if (text[at + 1] === '\n') endLine(at + 2)
        at += 2
      } else if (character === (context === 'double' ? '"' : '}')) {
        stack.pop()
        at += 1
      } else if (context === 'parameter' && character === "'" && !stack.includes('double')) {
        at += 1
        readQuoted("'", false)
      } else if (context === 'parameter' && character === '"') {
        stack.push('double')
        at += 1
      } else if (character === '$' && text[at + 1] === '{') {
        stack.push('parameter')
        at += 2
      } else if (character === '$' && text[at + 1] === '(') {
        const arithmetic = text[at + 2] === '('
        stack.push(arithmetic ? 'arithmetic' : 'group')
        commandPosition = true
        at += arithmetic ? 3 : 2
      } else if (character === '`') {
        stack.push('backtick')
        commandPosition = true
        at += 1
      } else {
        at += 1
        if (character === '\n') endLine(at)
      }
      continue
    }
    if (context === 'arithmetic') {
      if (text.startsWith('))', at)) {
        stack.pop()
        at += 2
      } else {
        if (character === '(') stack.push('words')
        at += 1
        if (character === '\n') endLine(at)
      }
      continue
    }
    continued = false
    if (character === '\n') {
      at += 1
      commandPosition = true
      endLine(at)
      skipHereDocuments()
    } else if (/\s/.test(character)) at += 1
    else if (character === '#') {
      const newline = text.indexOf('\n', at)
      at = newline === -1 ? text.length : newline
    } else if (character === ';' || character === '&' || character === '|') {
      const closesClause = /^;(?:;&?|&|\|)/.exec(text.slice(at, at + 3))
      if (closesClause !== null && context === 'case') stack.push('pattern')
      at += closesClause?.[0].length ?? 1
      commandPosition = true
    } else if (character === '(') {
      if (context === 'pattern' || context === 'test') at += 1
      else if (commandPosition && text[at + 1] === '(') {
        stack.push('arithmetic')
        at += 2
      } else {
        stack.push(commandPosition && context !== 'words' ? 'group' : 'words')
        at += 1
      }
    } else if (character === ')') {
      at += 1
      if (context === 'test') continue
      if (context === 'pattern' || context === 'words' || context === 'group') stack.pop()
      else lost = true
      // Behind a pattern or a function's () a command begins; behind a subshell or $( … ) none does.
      commandPosition = context !== 'group'
    } else if (character === '<' && text.startsWith('<<<', at)) at += 3
    else if (character === '<' && text.startsWith('<<', at) && context !== 'test') readHereDocument()
    else if (character === '<' || character === '>') {
      at += 1
      if (text[at] === '(') {
        stack.push('group')
        commandPosition = true
        at += 1
      }
    } else if (character === '`') {
      if (context === 'backtick') stack.pop()
      else {
        stack.push('backtick')
        commandPosition = true
      }
      at += 1
    } else readWord()
  }
  if (lineStart < text.length) endLine(text.length)
  return lines

  function readWord(): void {
    let word = ''
    const depth = stack.length
    while (at < text.length && stack.length === depth) {
      const character = text.charAt(at)
      if (/[\s;&|<>)`]/.test(character)) break
      if (character === '(') {
        // Right behind a word: an array, a function's (), a glob's qualifier.
        if (word !== '' && !['pattern', 'test'].includes(top() ?? '')) stack.push('words')
        at += 1
        commandPosition = false
        namesFunction = false
        return
      }
      if (character === '\\') {
        if (text[at + 1] === '\n') {
          at += 2
          continued = true
          endLine(at)
          if (word === '') return
        } else {
          word += '\\'
          at += 2
        }
      } else if (character === "'") {
        const ansi = word.endsWith('$')
        at += 1
        word += "'"
        readQuoted("'", ansi)
      } else if (character === '"') {
        stack.push('double')
        at += 1
        commandPosition = false
        return
      } else if (character === '$' && text[at + 1] === '{') {
        stack.push('parameter')
        at += 2
        commandPosition = false
        return
      } else if (character === '$' && text[at + 1] === '(') {
        const arithmetic = text[at + 2] === '('
        stack.push(arithmetic ? 'arithmetic' : 'group')
        at += arithmetic ? 3 : 2
        commandPosition = !arithmetic
        return
      } else {
        word += character
        at += 1
      }
    }
    endWord(word)
  }
}
