import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blockText, countLines, findBlock, hasMarker, requireBlock } from '../../src/profile/block.ts'
import { supersededLines } from '../../src/profile/change/edit.ts'
import { blockProperties } from '../support/arbitraries/block-properties.ts'
import {
  BEGIN,
  BLOCK,
  blockIn,
  chosen,
  END,
  errorOf,
  LATER_BLOCK,
  lineOf,
  linesOf,
  put,
  show,
  storedAndRead,
  takeOut,
} from '../support/arbitraries/profile-bytes.ts'

/** A light form of the campaign's. */
const RUNS = { numRuns: 200 }

function problemOf(text: string): { readonly message: string; readonly hint: string | undefined } {
  const bytes = Buffer.from(text)
  const found = findBlock(bytes)
  const error = errorOf(() => requireBlock(bytes, '~/.profile'))
  expect(show(bytes)).toBe(text)
  if (found.kind !== 'broken' || error === undefined) throw new Error('no error')
  expect([error.message, error.hint, error.code]).toEqual([
    `~/.profile: ${found.problem}`,
    found.hint,
    'broken_markers',
  ])
  return error
}

describe('for every profile', () => {
  it.each(Object.entries(blockProperties))('%s', (_, property) => {
    expect(() => fc.assert<unknown>(property, RUNS)).not.toThrow()
  })
})

describe('inserting the block', () => {
  it('writes a new file that holds the block alone', () => {
    const { bytes, record } = put(undefined, BLOCK)
    expect(bytes.toString()).toBe(`${BEGIN}\nexport A=1\n${END}\n`)
    expect(record).toMatchObject({ created: true, addedNewline: false, replaced: [] })
  })

  it('gives a last line its missing line ending first', () => {
    expect(put(Buffer.from('echo hi'), BLOCK).bytes.toString()).toBe(`echo hi\n${BLOCK}`)
  })

  it('writes its own lines with LF into a file with CRLF', () => {
    expect(put(Buffer.from('a\r\nb\r\n'), BLOCK).bytes.toString()).toBe(`a\r\nb\r\n${BLOCK}`)
  })

  it('can go in place of the first line that is taken over', () => {
    const text = 'a\nexport A=0\nb\nexport A=1\n'
    const bytes = Buffer.from(text)
    const lines = [
      { start: 2, end: 13 },
      { start: 15, end: 26 },
    ]
    const { bytes: written, span, record } = put(bytes, BLOCK, lines, undefined, 1)
    expect(span).toEqual({ start: 2, end: 2 + BLOCK.length })
    expect(written.toString()).toBe(`a\n${BLOCK}b\n`)
    expect(takeOut(written, record)?.toString()).toBe(text)
  })

  it('replaces a block whose markers an editor gave CRLF', () => {
    const bytes = Buffer.from(`a\r\n${BLOCK.replaceAll('\n', '\r\n')}b\r\n`)
    expect(put(bytes, LATER_BLOCK).bytes.toString()).toBe(`a\r\n${LATER_BLOCK}b\r\n`)
  })

  it('replaces a block whose last line lost its line ending', () => {
    expect(put(Buffer.from(`a\n${BLOCK.trimEnd()}`), BLOCK).bytes.toString()).toBe(`a\n${BLOCK}`)
  })
})

describe('removing the block', () => {
  it('removes a file that was created for it, and leaves one that was there and empty', () => {
    const created = put(undefined, BLOCK)
    expect(takeOut(created.bytes, created.record)).toBeUndefined()
    const empty = put(Buffer.alloc(0), BLOCK)
    expect(takeOut(empty.bytes, empty.record)).toEqual(Buffer.alloc(0))
  })

  it('leaves a created file that something else was written to', () => {
    const { bytes, record } = put(undefined, BLOCK)
    expect(takeOut(Buffer.concat([bytes, lineOf('mine\n')]), record)).toEqual(lineOf('mine\n'))
  })

  it('takes back the line ending that it added, unless something follows now', () => {
    const { bytes, record } = put(lineOf('a'), BLOCK)
    expect(takeOut(bytes, record)).toEqual(lineOf('a'))
    expect(takeOut(Buffer.concat([bytes, lineOf('b')]), record)).toEqual(lineOf('a\nb'))
  })

  it('takes back the line ending that it added also where lines were added at the top', () => {
    const { bytes, record } = put(lineOf('a'), BLOCK)
    expect(takeOut(Buffer.concat([lineOf('new\n'), bytes]), record)).toEqual(lineOf('new\na'))
  })

  it.each([
    ['a string over several lines', 'x="\nexport A="older"\n"\n'],
    ['a function', 'f() {\nexport A=older\n}\n'],
  ])('gives a line back after another edit, where %s has one that looks like a newer one', (_, standing) => {
    const mine = 'export A=mine\n'
    const { bytes, record } = put(lineOf(standing + mine), BLOCK, [
      { start: standing.length, end: standing.length + mine.length },
    ])
    const edited = Buffer.concat([lineOf('# new\n'), bytes])
    expect(supersededLines(edited, blockIn(edited), record)).toEqual([])
    expect(takeOut(edited, record)).toEqual(lineOf(`# new\n${standing}${mine}`))
    // One that was not there then is a newer one.
    const anew = Buffer.concat([bytes, lineOf('export A=newest\n')])
    expect(takeOut(anew, record)).toEqual(lineOf(`${standing}export A=newest\n`))
  })

  it('leaves a file without a block as it is', () => {
    expect(takeOut(lineOf('a'), undefined)).toEqual(lineOf('a'))
  })

  it('leaves the rest where there is no record', () => {
    expect(takeOut(lineOf(`a\n${BLOCK}b`), undefined)).toEqual(lineOf('a\nb'))
  })

  it('puts lines of two rounds back in their order', () => {
    const text = 'export A=1\nexport B=2\nexport A=3\n'
    const first = put(lineOf(text), BLOCK, [
      { start: 0, end: 11 },
      { start: 22, end: 33 },
    ])
    const second = put(first.bytes, BLOCK, chosen(first.bytes, [true]), first.record)
    expect(takeOut(second.bytes, second.record)).toEqual(lineOf(text))
  })

  it('keeps the lines it took over when the block was deleted by hand and is written again', () => {
    const text = 'a\nexport A=0\nb'
    const first = put(lineOf(text), BLOCK, [{ start: 2, end: 13 }])
    const again = put(lineOf('a\nb'), BLOCK, [], first.record)
    expect(takeOut(again.bytes, again.record)).toEqual(lineOf('a\nb\nexport A=0\n'))
    const restoredByHand = put(lineOf(text), BLOCK, [], first.record)
    expect(takeOut(restoredByHand.bytes, restoredByHand.record)).toEqual(lineOf(text))
  })
})

describe('markers', () => {
  it.each([
    ['halved, the end missing', `a\n${BEGIN}\nexport A=1\n`, 'line 2'],
    ['halved, the beginning missing', `a\nexport A=1\n${END}\n`, 'line 3'],
    ['repeated', `${BLOCK}a\n${BLOCK}`, 'lines 1, 3, 5, 7'],
    ['nested', `${BEGIN}\n${BEGIN}\n${END}\n${END}\n`, 'lines 1, 2, 3, 4'],
    ['reversed', `${END}\na\n${BEGIN}\n`, 'lines 1, 3'],
    ['with a second end', `${BLOCK}${END}`, 'lines 1, 3, 4'],
    ['with CRLF and no partner', `a\r\n${BEGIN}\r\n`, 'line 2'],
  ])('%s are an error that names the lines', (_, text, lines) => {
    const { message, hint } = problemOf(text)
    expect(message).toContain(`(${lines})`)
    expect(hint).toContain(BEGIN)
    expect(hasMarker(Buffer.from(text))).toBe(true)
  })

  it('that are no whole lines are none', () => {
    const text = `.${BEGIN}\n${BEGIN} .\n# ${BEGIN}\nx${END}\n${END}.\n`
    expect(findBlock(lineOf(text))).toEqual({ kind: 'none' })
    expect(hasMarker(lineOf(text))).toBe(false)
    expect(hasMarker(undefined)).toBe(false)
  })
})

describe('a last line that would run on into the block', () => {
  it.each([
    ['no line feed', 'a', 'a\n'],
    ['a backslash before it', 'a\\\n', 'a\\\n\n'],
    ['three backslashes', 'a\\\\\\\n', 'a\\\\\\\n\n'],
    ['two backslashes, which are one', 'a\\\\\n', 'a\\\\\n'],
    ['nothing but a backslash', '\\\n', '\\\n\n'],
  ])('%s', (_, text, before) => {
    const { bytes, record } = put(Buffer.from(text), blockText(['x']))
    expect(bytes.toString()).toBe(before + blockText(['x']))
    expect(takeOut(bytes, storedAndRead(record))?.toString()).toBe(text)
  })
})

describe('a line that gives way to a block at the end of a file without a last line ending', () => {
  it.each([
    ['in front of others', 'a\nexport X=1\nb', 1],
    ['as the last one', 'a\nexport X=1', 1],
    ['as the last one, behind a comment that ends in a backslash', '# a\\\nexport X=1', 1],
  ])('returns to its place: %s', (_, text, lineIndex) => {
    const { bytes, record } = put(Buffer.from(text), BLOCK, linesOf(Buffer.from(text)).slice(lineIndex, lineIndex + 1))
    expect(bytes.toString()).toMatch(new RegExp(`^[^X]*\n${BLOCK}$`))
    expect(takeOut(bytes, storedAndRead(record))?.toString()).toBe(text)
  })
})

describe('a block that somebody took out by hand', () => {
  it('leaves the lines that gave way to it to be returned', () => {
    const text = Buffer.from('a\nexport X=1\nb')
    const { record } = put(text, blockText(['x']), [{ start: 2, end: 13 }])
    expect(takeOut(Buffer.from('a\nb'), storedAndRead(record))?.toString()).toBe('a\nb\nexport X=1\n')
    expect(takeOut(text, storedAndRead(record))).toEqual(text)
  })
})

describe('the number of a line', () => {
  it('counts line feeds before the byte', () => {
    const bytes = Buffer.from('a\nb\r\n\nc')
    expect([0, 1, 2, 4, 5, 6].map(countLines(bytes))).toEqual([1, 1, 2, 2, 3, 4])
  })
})
