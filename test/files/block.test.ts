import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CliError } from '../../src/errors.ts'
import { insertBlock, removeBlock, type RestoreRecord } from '../../src/files/block-edit.ts'
import { blockText, findBlock, hasMarker, lineNumber, type Span } from '../../src/files/block.ts'

const BEGIN = '# >>> acs-env >>>'
const END = '# <<< acs-env <<<'
const BLOCK = blockText(['export A=1'])
const LATER_BLOCK = blockText(['if true; then', '  export A=2', 'fi'])
const RUNS = { numRuns: 2500 }

const isMarker = (line: Buffer): boolean => /^# (>>> acs-env >>>|<<< acs-env <<<)\r?$/.test(line.toString('latin1'))
const lineOf = (text: string): Buffer => Buffer.from(text, 'latin1')

/** One line without its line feed: prose, any bytes, and what only looks like a marker. */
const line = fc
  .oneof(
    fc.constantFrom('', '\r', 'export A=1', "export B='2'\r", 'alias ll="ls -l"', '\xef\xbb\xbfexport A=3', '\xff\xfe'),
    fc.constantFrom(` ${BEGIN}`, `${BEGIN} `, `${BEGIN}\r\r`, `#${END}`, `${END}x`, `\t${END}`, BEGIN.slice(0, -1)),
    fc
      .uint8Array({ maxLength: 12 })
      .map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10)).toString('latin1')),
  )
  .map(lineOf)
  .filter((bytes) => !isMarker(bytes))

/** A whole profile, with or without the last line feed. */
const profile = fc
  .tuple(fc.array(line, { maxLength: 8 }), fc.boolean(), fc.constantFrom('', '\xef\xbb\xbf'))
  .map(([lines, ends, mark]) => Buffer.concat([lineOf(mark), joined(lines, ends)]))
  .filter((bytes) => linesOf(bytes).every((span) => !isMarker(textOf(bytes, span))))

const picks = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 })

function joined(lines: readonly Buffer[], ends: boolean): Buffer {
  const pieces = lines.flatMap((text) => [text, lineOf('\n')])
  return Buffer.concat(ends ? pieces : pieces.slice(0, -1))
}

function linesOf(bytes: Buffer): readonly Span[] {
  const spans: Span[] = []
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(10, start)
    const end = newline === -1 ? bytes.length : newline + 1
    spans.push({ start, end })
    start = end
  }
  return spans
}

function textOf(bytes: Buffer, { start, end }: Span): Buffer {
  const text = bytes.subarray(start, end)
  return text.at(-1) === 10 ? text.subarray(0, -1) : text
}

/** Some of the lines outside the block, to be taken over. */
function chosen(bytes: Buffer, choice: readonly boolean[]): readonly Span[] {
  const block = findBlock(bytes)
  const isOutside = ({ start, end }: Span): boolean => block === undefined || end <= block.start || start >= block.end
  return linesOf(bytes)
    .filter(isOutside)
    .filter((_, index) => choice[index % choice.length])
}

function sortedLines(bytes: Buffer | undefined): readonly string[] {
  if (bytes === undefined) return []
  return linesOf(bytes)
    .map((span) => textOf(bytes, span).toString('latin1'))
    .toSorted()
}

function outside(bytes: Buffer): { readonly before: Buffer; readonly after: Buffer } {
  const block = findBlock(bytes)
  if (block === undefined) throw new Error('no block')
  return { before: bytes.subarray(0, block.start), after: bytes.subarray(block.end) }
}

function problemOf(text: string): { readonly message: string; readonly hint: string | undefined } {
  const bytes = Buffer.from(text)
  const errors = [() => insertBlock(bytes, BLOCK), () => removeBlock(bytes, undefined), () => findBlock(bytes)].map(
    errorOf,
  )
  expect(show(bytes)).toBe(text)
  const [error] = errors
  expect(errors.map((each) => each?.message)).toEqual([error?.message, error?.message, error?.message])
  if (error !== undefined) return error
  throw new Error('no error')
}

function errorOf(work: () => unknown): CliError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof CliError) return error
    throw error
  }
}

/** Comparing strings is a hundred times faster than comparing buffers. */
function show(bytes: Buffer | undefined): string | undefined {
  return bytes?.toString('latin1')
}

describe('inserting the block', () => {
  it('writes a new file that holds the block alone', () => {
    const { bytes, record } = insertBlock(undefined, BLOCK)
    expect(bytes.toString()).toBe(`${BEGIN}\nexport A=1\n${END}\n`)
    expect(record).toMatchObject({ created: true, addedNewline: false, replaced: [] })
  })

  it('gives a last line its missing line ending first', () => {
    expect(insertBlock(Buffer.from('echo hi'), BLOCK).bytes.toString()).toBe(`echo hi\n${BLOCK}`)
  })

  it('writes its own lines with LF into a file with CRLF', () => {
    expect(insertBlock(Buffer.from('a\r\nb\r\n'), BLOCK).bytes.toString()).toBe(`a\r\nb\r\n${BLOCK}`)
  })

  it('goes in place of the first line that is taken over', () => {
    const text = 'a\nexport A=0\nb\nexport A=1\n'
    const bytes = Buffer.from(text)
    const { bytes: written, record } = insertBlock(bytes, BLOCK, [
      { start: 2, end: 13 },
      { start: 15, end: 26 },
    ])
    expect(written.toString()).toBe(`a\n${BLOCK}b\n`)
    expect(removeBlock(written, record)?.toString()).toBe(text)
  })

  it('replaces a block whose markers an editor gave CRLF', () => {
    const bytes = Buffer.from(`a\r\n${BLOCK.replaceAll('\n', '\r\n')}b\r\n`)
    expect(insertBlock(bytes, LATER_BLOCK).bytes.toString()).toBe(`a\r\n${LATER_BLOCK}b\r\n`)
  })

  it('replaces a block whose last line lost its line ending', () => {
    expect(insertBlock(Buffer.from(`a\n${BLOCK.trimEnd()}`), BLOCK).bytes.toString()).toBe(`a\n${BLOCK}`)
  })

  it('leaves every other byte where it was', () => {
    fc.assert(
      fc.property(profile, picks, (bytes, choice) => {
        const copy = Buffer.from(bytes)
        const spans = chosen(bytes, choice)
        const { before, after } = outside(insertBlock(bytes, BLOCK, spans).bytes)
        const kept = linesOf(bytes).filter((span) => !spans.some(({ start }) => start === span.start))
        const expected = Buffer.concat(kept.map(({ start, end }) => bytes.subarray(start, end)))
        const all = Buffer.concat([before, after])
        const runsOn = /(?:[^\n]|(?<!\\)(?:\\\\)*\\\n)$/.test(show(expected) ?? '')
        const added = after.length === 0 && runsOn
        expect(show(all)).toBe(`${show(expected)}${added ? '\n' : ''}`)
        expect(show(bytes)).toBe(show(copy))
      }),
      RUNS,
    )
  })

  it('a second time changes nothing', () => {
    fc.assert(
      fc.property(fc.option(profile, { nil: undefined }), picks, (bytes, choice) => {
        const once = insertBlock(bytes, BLOCK, bytes === undefined ? [] : chosen(bytes, choice))
        const twice = insertBlock(once.bytes, BLOCK, [], once.record)
        expect(show(twice.bytes)).toBe(show(once.bytes))
        expect(JSON.stringify(twice.record)).toBe(JSON.stringify(once.record))
      }),
      RUNS,
    )
  })

  it('with other lines changes the block alone', () => {
    fc.assert(
      fc.property(profile, picks, (bytes, choice) => {
        const once = insertBlock(bytes, BLOCK, chosen(bytes, choice))
        const changed = insertBlock(once.bytes, LATER_BLOCK, [], once.record)
        expect(show(changed.bytes)).toBe(show(once.bytes)?.replace(BLOCK, () => LATER_BLOCK))
        expect(show(removeBlock(changed.bytes, changed.record))).toBe(show(bytes))
      }),
      RUNS,
    )
  })
})

describe('removing the block', () => {
  it('removes a file that was created for it, and leaves one that was there and empty', () => {
    const created = insertBlock(undefined, BLOCK)
    expect(removeBlock(created.bytes, created.record)).toBeUndefined()
    const empty = insertBlock(Buffer.alloc(0), BLOCK)
    expect(removeBlock(empty.bytes, empty.record)).toEqual(Buffer.alloc(0))
  })

  it('leaves a created file that something else was written to', () => {
    const { bytes, record } = insertBlock(undefined, BLOCK)
    expect(removeBlock(Buffer.concat([bytes, lineOf('mine\n')]), record)).toEqual(lineOf('mine\n'))
  })

  it('takes back the line ending that it added, unless something follows now', () => {
    const { bytes, record } = insertBlock(lineOf('a'), BLOCK)
    expect(removeBlock(bytes, record)).toEqual(lineOf('a'))
    expect(removeBlock(Buffer.concat([bytes, lineOf('b')]), record)).toEqual(lineOf('a\nb'))
  })

  it('leaves a file without a block as it is', () => {
    expect(removeBlock(lineOf('a'), undefined)).toEqual(lineOf('a'))
  })

  it('leaves the rest where there is no record', () => {
    expect(removeBlock(lineOf(`a\n${BLOCK}b`), undefined)).toEqual(lineOf('a\nb'))
  })

  it('gives the file back as it was', () => {
    fc.assert(
      fc.property(fc.option(profile, { nil: undefined }), picks, (bytes, choice) => {
        const { bytes: written, record } = insertBlock(bytes, BLOCK, bytes === undefined ? [] : chosen(bytes, choice))
        expect(show(removeBlock(written, storedAndRead(record)))).toBe(show(bytes))
      }),
      RUNS,
    )
  })

  it('gives it back when further lines were taken over later', () => {
    fc.assert(
      fc.property(profile, picks, picks, picks, (bytes, first, second, third) => {
        let state = insertBlock(bytes, BLOCK, chosen(bytes, first))
        for (const [block, choice] of [[LATER_BLOCK, second] as const, [BLOCK, third] as const]) {
          state = insertBlock(state.bytes, block, chosen(state.bytes, choice), storedAndRead(state.record))
        }
        expect(show(removeBlock(state.bytes, state.record))).toBe(show(bytes))
      }),
      RUNS,
    )
  })

  it('puts lines of two rounds back in their order', () => {
    const text = 'export A=1\nexport B=2\nexport A=3\n'
    const first = insertBlock(lineOf(text), BLOCK, [
      { start: 0, end: 11 },
      { start: 22, end: 33 },
    ])
    const second = insertBlock(first.bytes, BLOCK, chosen(first.bytes, [true]), first.record)
    expect(removeBlock(second.bytes, second.record)).toEqual(lineOf(text))
  })

  it('loses no line, and glues none to another, when the file was edited in between', () => {
    const edit = fc.record({
      at: fc.nat({ max: 12 }),
      remove: fc.nat({ max: 2 }),
      insert: fc.array(line, { maxLength: 2 }),
      ends: fc.boolean(),
    })
    fc.assert(
      fc.property(profile, picks, picks, edit, edit, (bytes, first, second, edit1, edit2) => {
        const one = insertBlock(bytes, BLOCK, chosen(bytes, first))
        const edited = applyEdit(one.bytes, edit1)
        const two = insertBlock(edited, LATER_BLOCK, chosen(edited, second), one.record)
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
        const possible = show(before)?.endsWith('\\\n\n')
          ? [lines(before), lines(before.subarray(0, -1))]
          : [lines(before)]
        expect(possible).toContain(sortedLines(removeBlock(last, two.record)).join('\n'))
      }),
      RUNS,
    )
  })

  it('keeps the lines it took over when the block was deleted by hand and is written again', () => {
    const text = 'a\nexport A=0\nb'
    const first = insertBlock(lineOf(text), BLOCK, [{ start: 2, end: 13 }])
    const again = insertBlock(lineOf('a\nb'), BLOCK, [], first.record)
    expect(removeBlock(again.bytes, again.record)).toEqual(lineOf('a\nb\nexport A=0\n'))
    const restoredByHand = insertBlock(lineOf(text), BLOCK, [], first.record)
    expect(removeBlock(restoredByHand.bytes, restoredByHand.record)).toEqual(lineOf(text))
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

  it('in any other order than one pair are an error that names all of their lines', () => {
    const piece = fc.constantFrom(BEGIN, END, `${BEGIN}\r`, `${END}\r`, 'a', ` ${BEGIN}`)
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), fc.boolean(), (pieces, ends) => {
        const found = pieces.flatMap((text, index) => (isMarker(lineOf(text)) ? [index + 1] : []))
        const isPair = found.length === 2 && pieces[(found[0] ?? 0) - 1]?.startsWith(BEGIN) === true
        const isOnePair = isPair && pieces[(found[1] ?? 0) - 1]?.startsWith(END) === true
        const text = pieces.join('\n') + (ends ? '\n' : '')
        const expected =
          found.length === 0 ? 'none' : isOnePair ? 'one' : `line${found.length === 1 ? '' : 's'} ${found.join(', ')}`
        const verdict = (): string => (findBlock(Buffer.from(text)) === undefined ? 'none' : 'one')
        const error = errorOf(verdict)
        expect(error === undefined ? verdict() : /\((.*)\)/.exec(error.message)?.[1]).toBe(expected)
      }),
      RUNS,
    )
  })

  it('that are no whole lines are none', () => {
    const text = ` ${BEGIN}\n${BEGIN} \n${BEGIN}\r\r\nx${END}\n${END}.\n\xef\xbb\xbf${BEGIN}\n`
    expect(findBlock(lineOf(text))).toBeUndefined()
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
    const { bytes, record } = insertBlock(Buffer.from(text), blockText(['x']))
    expect(bytes.toString()).toBe(before + blockText(['x']))
    expect(removeBlock(bytes, storedAndRead(record))?.toString()).toBe(text)
  })
})

describe('a block that somebody took out by hand', () => {
  it('leaves the lines that gave way to it to be returned', () => {
    const text = Buffer.from('a\nexport X=1\nb')
    const { record } = insertBlock(text, blockText(['x']), [{ start: 2, end: 13 }])
    expect(removeBlock(Buffer.from('a\nb'), storedAndRead(record))?.toString()).toBe('a\nb\nexport X=1\n')
    expect(removeBlock(text, storedAndRead(record))).toEqual(text)
  })
})

describe('the number of a line', () => {
  it('counts line feeds before the byte', () => {
    const bytes = Buffer.from('a\nb\r\n\nc')
    expect([0, 1, 2, 4, 5, 6].map((offset) => lineNumber(bytes, offset))).toEqual([1, 1, 2, 2, 3, 4])
  })
})

function storedAndRead(record: RestoreRecord): RestoreRecord {
  return JSON.parse(JSON.stringify(record)) as RestoreRecord
}

interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: readonly Buffer[]
  readonly ends: boolean
}

/** Somebody works on the lines around the block and may leave out the file's last line feed. */
function applyEdit(bytes: Buffer, { at, remove, insert, ends }: Edit): Buffer {
  const { before, after } = outside(bytes)
  const inside = bytes.subarray(before.length, bytes.length - after.length)
  const lines = linesOf(before).map((span) => textOf(before, span))
  const behind = linesOf(after).map((span) => textOf(after, span))
  if (at <= lines.length) lines.splice(at, remove, ...insert)
  else behind.splice(at - lines.length - 1, remove, ...insert)
  return Buffer.concat([joined(lines, true), inside, joined(behind, ends)])
}
