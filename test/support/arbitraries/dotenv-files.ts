import { parseEnv } from 'node:util'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { cutLines } from '../../../src/platforms/dotenv/cut-lines.ts'
import { mergeDotenv, removeFromDotenv, type Merged } from '../../../src/platforms/dotenv/merge.ts'
import { giveBack, takeLines } from '../../../src/platforms/dotenv/taken-lines.ts'

const CONNECTION_STRING = 'AZURE_COMMUNICATION_CONNECTION_STRING'
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'

export const WANTED = new Map([
  [CONNECTION_STRING, 'endpoint=https://contoso.communication.azure.com/;accesskey=a+b/c2V5Cg=='],
  [TOKEN, `eyJhbGciOiJSUzI1NiJ9.${'a-_Z09'.repeat(20)}.${'b'.repeat(42)}`],
])

const OPEN_QUOTE = 'A="no end'

/** A piece of a `.env` file without its last line ending; `ours` is the name where it assigns one of ours. */
interface Piece {
  readonly text: string
  readonly ours?: { readonly name: string; readonly prefix: string; readonly comment: string }
}

/** A whole file in pieces. */
interface DotenvFile {
  readonly pieces: readonly Piece[]
  readonly newline: '\n' | '\r\n'
  readonly endsInNewline: boolean
  readonly hasMark: boolean
}

const blank = fc.constantFrom('', ' ', '  ', '\t')
const otherName = fc.constantFrom('A', 'DB_URL', 'PORT', 'npm.token', 'ÜBER', `${TOKEN}_2`, `MY_${TOKEN}`, '_')
const ourName = fc.constantFrom(CONNECTION_STRING, TOKEN)
const exported = fc.constantFrom('', '', 'export ', 'export  ')
const comment = fc.constantFrom('', '', ' # old', '\t# "quoted\'', ' #')
const bareValue = fc.constantFrom(
  '',
  '1',
  'a b',
  'x=y=z',
  "it's",
  'say "hi"',
  'ä☎',
  '$HOME',
  'C:\\new',
  'http://x/?a=1;b',
)
/** Lines of a quoted value that look like something else are data. */
const inner = fc.array(
  fc.constantFrom('', 'text', '# no comment', `${TOKEN}=inside`, `export ${CONNECTION_STRING}=inside`, 'B=1', '=', 'ä'),
  { minLength: 1, maxLength: 4 },
)
const wordsOnly = fc.array(fc.constantFrom('', 'text', '# no comment', 'B=1'), { minLength: 1, maxLength: 3 })

const other: fc.Arbitrary<Piece> = fc.oneof(
  blank.map((text) => ({ text })),
  fc
    .constantFrom('# a comment', `# ${TOKEN}=commented`, "#it's", '  # "', `#export ${TOKEN}='x'`)
    .map((text) => ({ text })),
  fc.tuple(blank, exported, otherName, bareValue, comment).map(([indent, word, name, value, end]) => ({
    text: `${indent}${word}${name}=${value}${end}`,
  })),
  fc.tuple(exported, otherName, fc.constantFrom('"', "'"), inner, comment).map(([word, name, quote, lines, end]) => ({
    text: `${word}${name}=${quote}${lines.join('\n')}${quote}${end}`,
  })),
  // python-dotenv does not know this quote.
  fc.tuple(otherName, wordsOnly).map(([name, lines]) => ({ text: `${name}=\`${lines.join('\n')}\`` })),
)

/** Pieces that programs read in different ways. */
const doubtful: fc.Arbitrary<Piece> = fc.constantFrom(
  { text: OPEN_QUOTE },
  { text: String.raw`A='C:\new\'` },
  { text: String.raw`A="a\"b"` },
  { text: 'a line without an assignment' },
  { text: 'A="one" "two"' },
  { text: 'A: yaml' },
)

const ours: fc.Arbitrary<Piece> = fc
  .record({
    indent: blank,
    word: exported,
    name: ourName,
    operator: fc.constantFrom('=', '=', '=', ' = ', '= ', ': '),
    value: fc.constantFrom('', 'old', "'old'", '"old"', "'a;b=c'", '"two\nlines"'),
    comment,
  })
  .map(({ indent, word, name, operator, value, comment: end }) => {
    const isTwoLines = operator === ': ' && value.includes('\n')
    const text = `${indent}${word}${name}${operator}${isTwoLines ? 'old' : value}${end}`
    return { text, ours: { name, prefix: `${indent}${word}`, comment: end } }
  })

export const dotenvFile: fc.Arbitrary<DotenvFile> = fc.record({
  pieces: fc.array(
    fc.oneof({ weight: 12, arbitrary: other }, { weight: 4, arbitrary: ours }, { weight: 1, arbitrary: doubtful }),
    { maxLength: 12 },
  ),
  newline: fc.constantFrom('\n', '\n', '\r\n'),
  endsInNewline: fc.constantFrom(true, true, false),
  hasMark: fc.constantFrom(false, false, false, false, true),
})

/** The file as bytes. */
function bytesOf({ pieces, newline, endsInNewline, hasMark }: DotenvFile): Buffer {
  const text = pieces.map((piece) => piece.text.replaceAll('\n', newline)).join(newline)
  return Buffer.from(`${hasMark ? '\uFEFF' : ''}${text}${endsInNewline && pieces.length > 0 ? newline : ''}`)
}

/**
 * Merges the values into a file and checks all that needs no other program: every byte outside our lines, that a second
 * merge changes nothing, that the removal leaves the rest, and what Node reads.
 *
 * @returns what was merged; undefined where the file was refused, or has a quote that ends nowhere
 */
export function checkMerge(file: DotenvFile): Merged | undefined {
  const before = bytesOf(file)
  const merged = mergeDotenv(before, WANTED)
  // A quote without an end ends at the next one, wherever that is: nobody knows what is a value then.
  if (merged.kind !== 'merged' || file.pieces.some(({ text }) => text === OPEN_QUOTE)) return undefined
  expect(withoutOurs(merged.bytes.toString())).toBe(restOf(file, merged))
  const again = mergeDotenv(merged.bytes, WANTED)
  expect(again).toMatchObject({ kind: 'merged', bytes: merged.bytes, removedDuplicates: 0, replaced: [] })
  const removed = removeFromDotenv(merged.bytes, ({ name }) => WANTED.has(name), merged.addedNewline)
  expect(removed.bytes.toString()).toBe(restOf(file, { ...merged, addedNewline: false }))
  checkGivenBack(before, merged)
  if (merged.misread === undefined) {
    expect(parseEnv(merged.bytes.toString())).toMatchObject(Object.fromEntries(WANTED))
  }
  return merged
}

/** The lines that gave way return: every byte where nothing else was changed, and each line where something was. */
function checkGivenBack(before: Buffer, merged: Merged): void {
  const cut = cutLines(before.toString(), ({ name }) => WANTED.has(name))
  const taken = cut.lines.length === 0 ? undefined : takeLines(cut.rest, cut.lines, cut.lines, undefined)
  const isOurs = ({ name, value }: { readonly name: string; readonly value: string }): boolean =>
    WANTED.get(name) === value
  const unset = (bytes: Buffer): string => {
    const { bytes: rest, lines } = removeFromDotenv(bytes, isOurs, merged.addedNewline)
    const given = taken === undefined ? undefined : giveBack(rest, lines, taken)
    if (given === undefined) return rest.toString()
    if (given.kind === 'unclear') throw new Error('nothing is unclear in a file that was merged into')
    return given.bytes.toString()
  }
  expect(unset(merged.bytes)).toBe(before.toString())
  const [value] = WANTED.values()
  const added = 'SINCE=1\n'
  const after = unset(Buffer.concat([merged.bytes, Buffer.from(merged.bytes.at(-1) === 0x0a ? added : `\n${added}`)]))
  const lines = (text: string): readonly string[] =>
    text
      .replace('\uFEFF', '')
      .split(/\r?\n/)
      .filter((line) => line !== '')
      .toSorted()
  expect(lines(after)).toEqual([...lines(before.toString()), 'SINCE=1'].toSorted())
  expect(after).not.toContain(value)
}

/** What the generator put around the lines with our names. */
function restOf(file: DotenvFile, { addedNewline }: Merged): string {
  const { pieces, newline, endsInNewline, hasMark } = file
  const lines = pieces.map((piece, index) => {
    const isLast = index === pieces.length - 1
    return { piece, text: `${piece.text.replaceAll('\n', newline)}${isLast && !endsInNewline ? '' : newline}` }
  })
  const rest = lines.filter(({ piece }) => piece.ours === undefined).map(({ text }) => text)
  return `${hasMark ? '\uFEFF' : ''}${rest.join('')}${addedNewline ? newlineOf(file) : ''}`
}

/** What the file itself shows of its line endings. */
function newlineOf(file: DotenvFile): string {
  return bytesOf(file).includes('\r\n') ? '\r\n' : '\n'
}

/** Without the lines that hold the values, which are found by the values. */
function withoutOurs(text: string): string {
  const values = [...WANTED.values()]
  return text
    .split(/(?<=\n)/)
    .filter((line) => !values.some((value) => line.includes(value)))
    .join('')
}
