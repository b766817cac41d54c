import * as fc from 'fast-check'
import { expect } from 'vitest'
import { findBlock } from '../../../src/profile/block.ts'
import {
  applyEdit,
  BEGIN,
  BLOCK,
  chosen,
  END,
  isMarker,
  LATER_BLOCK,
  line,
  lineOf,
  linesOf,
  outside,
  picks,
  place,
  profile,
  put,
  show,
  sortedLines,
  storedAndRead,
  takeOut,
} from './profile-bytes.ts'

const edit = fc.record({
  at: fc.nat({ max: 12 }),
  remove: fc.nat({ max: 2 }),
  insert: fc.array(line, { maxLength: 2 }),
  ends: fc.boolean(),
})
const piece = fc.constantFrom(BEGIN, END, `${BEGIN}\r`, `${END}\r`, 'a', ` ${BEGIN}`)

/** What holds for every profile, by what a test of it is called. */
export const blockProperties = {
  'inserting the block leaves every other byte where it was': fc.property(
    profile,
    picks,
    place,
    (bytes, choice, lineIndex) => {
      const copy = Buffer.from(bytes)
      const spans = chosen(bytes, choice)
      const { before, after } = outside(put(bytes, BLOCK, spans, undefined, lineIndex).bytes)
      const kept = linesOf(bytes).filter((span) => !spans.some(({ start }) => start === span.start))
      const expected = Buffer.concat(kept.map(({ start, end }) => bytes.subarray(start, end)))
      const all = Buffer.concat([before, after])
      const runsOn = /(?:[^\n]|(?<!\\)(?:\\\\)*\\\n)$/.test(show(expected) ?? '')
      const added = after.length === 0 && runsOn
      expect(show(all)).toBe(`${show(expected)}${added ? '\n' : ''}`)
      expect(show(bytes)).toBe(show(copy))
    },
  ),
  'inserting it a second time changes nothing': fc.property(
    fc.option(profile, { nil: undefined }),
    picks,
    place,
    (bytes, choice, lineIndex) => {
      const once = put(bytes, BLOCK, bytes && chosen(bytes, choice), undefined, lineIndex)
      const twice = put(once.bytes, BLOCK, [], once.record)
      expect(show(twice.bytes)).toBe(show(once.bytes))
      expect(JSON.stringify(twice.record)).toBe(JSON.stringify(once.record))
    },
  ),
  'inserting it with other lines changes the block alone': fc.property(
    profile,
    picks,
    place,
    (bytes, choice, lineIndex) => {
      const once = put(bytes, BLOCK, chosen(bytes, choice), undefined, lineIndex)
      const changed = put(once.bytes, LATER_BLOCK, [], once.record)
      expect(show(changed.bytes)).toBe(show(once.bytes)?.replace(BLOCK, () => LATER_BLOCK))
      expect(show(takeOut(changed.bytes, changed.record))).toBe(show(bytes))
    },
  ),
  'removing it gives the file back as it was': fc.property(
    fc.option(profile, { nil: undefined }),
    picks,
    place,
    (bytes, choice, lineIndex) => {
      const { bytes: written, record } = put(bytes, BLOCK, bytes && chosen(bytes, choice), undefined, lineIndex)
      expect(show(takeOut(written, storedAndRead(record)))).toBe(show(bytes))
    },
  ),
  'removing it gives the file back when further lines were taken over later': fc.property(
    profile,
    picks,
    picks,
    picks,
    place,
    (bytes, first, second, third, lineIndex) => {
      let state = put(bytes, BLOCK, chosen(bytes, first), undefined, lineIndex)
      for (const [block, choice] of [[LATER_BLOCK, second] as const, [BLOCK, third] as const]) {
        state = put(state.bytes, block, chosen(state.bytes, choice), storedAndRead(state.record))
      }
      expect(show(takeOut(state.bytes, state.record))).toBe(show(bytes))
    },
  ),
  'removing it loses no line, and glues none to another, when the file was edited in between': fc.property(
    profile,
    picks,
    picks,
    edit,
    edit,
    place,
    (bytes, first, second, edit1, edit2, lineIndex) => {
      const one = put(bytes, BLOCK, chosen(bytes, first), undefined, lineIndex)
      const edited = applyEdit(one.bytes, edit1)
      const two = put(edited, LATER_BLOCK, chosen(edited, second), one.record)
      const last = applyEdit(two.bytes, edit2)
      const taken = two.record.replaced.map(({ line }) => Buffer.from(line, 'base64'))
      expect(taken.length).toBe(one.record.replaced.length + chosen(edited, second).length)
      const { before, after } = outside(last)
      const lines = (kept: Buffer): string =>
        [kept, after, ...taken]
          .flatMap((part) => sortedLines(part))
          .toSorted()
          .join('\n')
      // The line feed that kept a last `\` from running on may be taken back, and with it an empty line of ours.
      const all = lines(before)
      const isOurs = one.record.addedNewline || two.record.addedNewline
      // Sorted, an empty line is a line feed at the beginning.
      const possible = isOurs ? [all, lines(before.subarray(0, -1)), all.replace(/^\n/, '')] : [all]
      expect(possible).toContain(sortedLines(takeOut(last, two.record)).join('\n'))
    },
  ),
  'markers in any other order than one pair are an error that names all of their lines': fc.property(
    fc.array(piece, { minLength: 1, maxLength: 8 }),
    fc.boolean(),
    (pieces, ends) => {
      const found = pieces.flatMap((text, index) => (isMarker(lineOf(text)) ? [index + 1] : []))
      const isPair = found.length === 2 && pieces[(found[0] ?? 0) - 1]?.trimStart().startsWith(BEGIN) === true
      const isOnePair = isPair && pieces[(found[1] ?? 0) - 1]?.trimStart().startsWith(END) === true
      const text = pieces.join('\n') + (ends ? '\n' : '')
      const expected =
        found.length === 0 ? 'none' : isOnePair ? 'one' : `line${found.length === 1 ? '' : 's'} ${found.join(', ')}`
      const block = findBlock(Buffer.from(text))
      const verdict = { none: 'none', block: 'one', broken: block.kind === 'broken' && linesIn(block.problem) }
      expect(verdict[block.kind]).toBe(expected)
    },
  ),
}

function linesIn(problem: string): string | undefined {
  return /\((.*)\)/.exec(problem)?.[1]
}
