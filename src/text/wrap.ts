/** A quoted command stays in one piece, so that it can be copied. */
const WORD = /(?:"[^"\n]{1,60}"|\S)+/g
const ESCAPES = /\u001B\[[0-9;]*m/g

/**
 * Breaks a text between its words into lines of at most `width` characters. A word that is longer has a line of its
 * own.
 */
export function wrap(text: string, width: number): readonly string[] {
  if (width === Infinity) return [text]
  const words = text.match(WORD) ?? []
  const lines: string[] = []
  let line = ''
  for (const word of words.flatMap((word) => (lengthOf(word) > width ? word.split(' ') : [word]))) {
    if (line !== '' && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/**
 * A block of text with its sentences wrapped. A line that is indented is a command, a path or the row of a table, and
 * stays as it is.
 */
export function wrapSentences(text: string, width: number): string {
  if (width === Infinity) return text
  return text
    .split('\n')
    .flatMap((line) => (/^\s/.test(line) || lengthOf(line) <= width ? [line] : wrap(line, width)))
    .join('\n')
}

/** In columns, without what colours the text. */
function lengthOf(text: string): number {
  return text.replaceAll(ESCAPES, '').length
}
