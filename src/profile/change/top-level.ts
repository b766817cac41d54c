import { LINE_FEED } from '../block.ts'
import type { Parses } from './parser.ts'

/** Blanks, a lone `;`, or a comment: nothing that ends what began above. */
const NO_CODE = /^[ \t\r;]*(?:#|$)/
/** A list that goes on in the next line. zsh takes a `;` there, too. */
const OPEN_LIST = /(?:&&|\|\|)(?=[ \t\r;\\]*(?:#|$))/gm
/** An odd number of backslashes joins two lines; an even number are backslashes. */
const CONTINUED = /(?<!\\)(?:\\\\)*\\$/

/**
 * Whether a new statement of the top level begins behind these bytes, outside any compound statement, quote and
 * here-document: they parse, in parentheses too, so that they close nothing that they have not opened, and nothing that
 * they begin is still to come.
 *
 * zsh takes the head of a loop or of a function without its body, as mksh does `f()`: behind that alone `&& :` parses. And
 * zsh takes `a &&`, which only the text shows.
 */
export async function isTopLevel(before: Buffer, parses: Parses): Promise<boolean | 'no-parser'> {
  if (endsOpen(before)) return false
  const around = (start: string, end: string): Buffer => Buffer.concat([Buffer.from(start), before, Buffer.from(end)])
  const alone = await parses(before)
  if (alone !== true) return alone
  const wrapped = await parses(around('( :\n', '\n)'))
  if (wrapped !== true) return wrapped
  const asHead = await parses(around('', '\n&& :'))
  if (asHead !== false) return asHead === true ? false : asHead
  const text = before.toString('latin1')
  const hereDocument = text.indexOf('<<')
  if (hereDocument === -1) return true
  // The last line may be the end of a here-document whose command goes on. No pipeline may end in "|", in no shell.
  const [head, tail] = [text.slice(0, hereDocument), text.slice(hereDocument)]
  const piped = tail.replace(OPEN_LIST, '|')
  return piped === tail || (await parses(Buffer.from(head + piped, 'latin1')))
}

/** Whether the last line of code, or one behind it that looks like a comment, goes on in the next line. */
function endsOpen(before: Buffer): boolean {
  let end = before.at(-1) === LINE_FEED ? before.length - 1 : before.length
  while (end > 0) {
    const start = before.lastIndexOf(LINE_FEED, end - 1) + 1
    const line = before.toString('latin1', start, end)
    if (CONTINUED.test(line) || line.search(OPEN_LIST) !== -1) return true
    if (!NO_CODE.test(line)) return false
    end = start - 1
  }
  return false
}
