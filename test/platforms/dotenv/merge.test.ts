import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeDotenv, removeFromDotenv, valuesInDotenv } from '../../../src/platforms/dotenv/merge.ts'
import { checkMerge, dotenvFile } from '../../support/arbitraries/dotenv-files.ts'

const wanted = new Map([
  ['KEY', 'a;b'],
  ['TOKEN', 'eyJ'],
])

const merge = (text: string | Buffer) => mergeDotenv(Buffer.from(text), wanted)

function textAfter(text: string): string {
  const merged = merge(text)
  if (merged.kind !== 'merged') throw new Error(merged.kind)
  return merged.bytes.toString()
}

describe('merging into a .env file', () => {
  it.each([
    ['an empty file', '', "KEY='a;b'\nTOKEN=eyJ\n"],
    ['other lines', 'A=1\n', "A=1\nKEY='a;b'\nTOKEN=eyJ\n"],
    ['no final line ending', 'A=1', "A=1\nKEY='a;b'\nTOKEN=eyJ\n"],
    ['the line endings of Windows', 'A=1\r\n', "A=1\r\nKEY='a;b'\r\nTOKEN=eyJ\r\n"],
    ['the line endings of Windows, none at the end', 'A=1\r\nB=2', "A=1\r\nB=2\r\nKEY='a;b'\r\nTOKEN=eyJ\r\n"],
    ['a line in its place', 'TOKEN=old\nA=1\n', "TOKEN=eyJ\nA=1\nKEY='a;b'\n"],
    ['indentation, export and a comment', '  export TOKEN="old" # mine\n', "  export TOKEN=eyJ # mine\nKEY='a;b'\n"],
    ['a comment right behind a quote', "TOKEN='old'#mine\n", "TOKEN=eyJ #mine\nKEY='a;b'\n"],
    ['spaces around the sign', 'TOKEN = old\n', "TOKEN=eyJ\nKEY='a;b'\n"],
    ['what only dotenv reads', 'TOKEN: old\n', "TOKEN=eyJ\nKEY='a;b'\n"],
    ['several lines of one name', 'TOKEN=1\nKEY=1\nTOKEN=2\nA=1\nTOKEN=3\n', "KEY='a;b'\nA=1\nTOKEN=eyJ\n"],
    ['a value over several lines', 'TOKEN="one\ntwo"\nA=1\n', "TOKEN=eyJ\nA=1\nKEY='a;b'\n"],
    ['names within a quoted value', 'A="\nTOKEN=inside\n"\n', 'A="\nTOKEN=inside\n"\nKEY=\'a;b\'\nTOKEN=eyJ\n'],
    ['names within backticks', 'A=`\nKEY=inside\n`\n', "A=`\nKEY=inside\n`\nKEY='a;b'\nTOKEN=eyJ\n"],
    ['longer names', 'MY_TOKEN=1\nTOKEN_2=2\n', "MY_TOKEN=1\nTOKEN_2=2\nKEY='a;b'\nTOKEN=eyJ\n"],
    ['a comment with our name', '#TOKEN=1\n', "#TOKEN=1\nKEY='a;b'\nTOKEN=eyJ\n"],
    ['quotes that begin nothing', "A=it's\nB=1 # don't\n", "A=it's\nB=1 # don't\nKEY='a;b'\nTOKEN=eyJ\n"],
    ['an open quote behind ours', 'KEY=1\nTOKEN=1\nA="oops\n', "KEY='a;b'\nTOKEN=eyJ\nA=\"oops\n"],
    ['a byte order mark', '\uFEFFA=1\nTOKEN=1\n', "\uFEFFA=1\nTOKEN=eyJ\nKEY='a;b'\n"],
    ['ours right behind a byte order mark', '\uFEFFTOKEN=1\nA=1\n', "\uFEFFA=1\nKEY='a;b'\nTOKEN=eyJ\n"],
  ])('knows %s', (_, before, after) => {
    expect(textAfter(before)).toBe(after)
  })

  it.each([
    ['an open quote above', 'A=1\nX="oops\nB=2\n', { kind: 'quote', line: 2 }],
    ['an open quote in our own line', 'TOKEN="oops\n', { kind: 'quote', line: 1 }],
    ['a quote whose end Node sees elsewhere than most', "X='C:\\'\n", { kind: 'quote', line: 1 }],
    ['our name behind an open quote', 'KEY=1\nTOKEN=1\nA="oops\nTOKEN=2\n', { kind: 'quote', line: 3 }],
    ['what goes on behind a quote', 'A="one\ntwo" three\n', { kind: 'quote', line: 1 }],
    ['UTF-16 from PowerShell', Buffer.from('\uFEFFA=1\n', 'utf16le'), { kind: 'utf-16' }],
    ['UTF-16 without a mark', Buffer.from('A=1\n', 'utf16le'), { kind: 'utf-16' }],
    ['zeros', 'A=1\n\0\0\0\n', { kind: 'nul' }],
    ['another encoding', Buffer.from('A=\xfc\n', 'latin1'), { kind: 'not-utf-8' }],
    ['carriage returns alone', 'A=1\rB=2\n', { kind: 'carriage-return', line: 1 }],
    ['nothing but a byte order mark', '\uFEFF', { kind: 'byte-order-mark' }],
    ['a byte order mark and a comment', '\uFEFF# mine\n', { kind: 'byte-order-mark' }],
  ])('refuses %s', (_, before, problem) => {
    expect(merge(before)).toEqual(problem)
  })

  it('counts the lines that it took out, and names what had another value', () => {
    expect(merge("TOKEN=1\nTOKEN=2\nKEY='a;b'\nTOKEN=eyJ")).toMatchObject({ removedDuplicates: 2, replaced: ['TOKEN'] })
  })

  it.each([
    ['A=1\nBROKEN\n# mine\nTOKEN=1\nKEY=1\n', { line: 2, kind: 'no-assignment' }],
    ['A=1\n \nTOKEN=1\nKEY=1\n', { line: 2, kind: 'no-assignment' }],
    ['A=1\nB= \n\nTOKEN=1\nKEY=1\n', { line: 2, kind: 'blank-value' }],
    ['A="\nB= \n"\nTOKEN=1\nKEY=1\n', undefined],
    ['A=1\nBROKEN\nB=1\nTOKEN=1\n', undefined],
  ])('says which line above ours Node misreads together with it: %j', (text, misread) => {
    expect(merge(text)).toMatchObject({ misread })
  })

  it.each(['A=1\nBROKEN\n', 'A=1\nB= \n', 'A=1\n  # mine', 'A=1\n\t\n'])(
    'does not write below such a line: %j',
    (text) => {
      expect(textAfter(text)).toBe(`KEY='a;b'\nTOKEN=eyJ\n${text}`)
      expect(merge(textAfter(text))).toMatchObject({ misread: undefined, addedNewline: false })
    },
  )

  it('takes out what is not to be there', () => {
    const merged = mergeDotenv(Buffer.from('A=1\nKEY=1\nTOKEN=1\n'), new Map([['KEY', undefined]]))
    expect(merged).toMatchObject({ bytes: Buffer.from('A=1\nTOKEN=1\n'), replaced: ['KEY'] })
  })

  it('reads values as programs do', () => {
    const text = 'A=1 # c\nexport B="x # y" # c\nC=\'it is\'\nA=2\nD="two\nlines"\n'
    const values = valuesInDotenv(Buffer.from(text), ['A', 'B', 'C', 'D', 'E'])
    expect(Object.fromEntries(values)).toEqual({ A: '2', B: 'x # y', C: 'it is', D: 'two\nlines' })
  })

  it('gives a last line without a line ending back as it was', () => {
    const isOurs = (): boolean => true
    expect(removeFromDotenv(Buffer.from('#\r\nKEY=1\r\n'), isOurs, true).bytes.toString()).toBe('#')
    expect(removeFromDotenv(Buffer.from('#\nKEY=1\n# since\n'), isOurs, true).bytes.toString()).toBe('#\n# since\n')
  })

  it('takes no time for a line of a megabyte', () => {
    const started = performance.now()
    for (const part of [' ', "'a", '=', '#', 'x ', '\\"']) merge(`A${part.repeat(500_000)}\n`)
    expect(performance.now() - started).toBeLessThan(5_000)
  })

  it('changes no other byte of any file, and nothing the second time', () => {
    let count = 0
    let refused = 0
    const property = fc.property(dotenvFile, (file) => {
      count += 1
      if (checkMerge(file) === undefined) refused += 1
    })
    fc.assert(property, { numRuns: 2_000 })
    expect(refused).toBeLessThan(count / 2)
  })
})
