import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CliError } from '../../../src/errors.ts'
import { parseConnectionString } from '../../../src/values/connection-string.ts'
import { findConnectionString } from '../../../src/values/pasted/connection-string-in-text.ts'
import {
  connectionStringPastes,
  connectionStringReferences,
} from '../../support/arbitraries/connection-string-pastes.ts'

const PRIMARY = Buffer.from(Array.from({ length: 64 }, (_, byte) => (byte * 37) % 256)).toString('base64')
const SECONDARY = Buffer.from(Array.from({ length: 64 }, (_, byte) => (byte * 91 + 7) % 256)).toString('base64')
/** Keys of newer resources fill their last group, and end without "=". */
const UNPADDED = PRIMARY.slice(0, 84)
const HOST = 'https://contoso.unitedstates.communication.azure.com'

describe.each([
  ['a key that ends with ==', PRIMARY],
  ['a key that ends without =', UNPADDED],
])('a connection string with %s is found in', (_, key) => {
  it.each(connectionStringPastes(HOST, key, SECONDARY))('%s', (_name, text) => {
    expect(parseConnectionString(text).secret.reveal()).toBe(`endpoint=${HOST}/;accesskey=${key}`)
  })

  it('itself, broken at any place', () => {
    const text = `endpoint=${HOST}/;accesskey=${key}`
    for (let index = 1; index < text.length; index += 1) {
      for (const ending of ['\n', '\r\n', '\r', '\n   ']) {
        const broken = `${text.slice(0, index)}${ending}${text.slice(index)}\n`
        expect(parseConnectionString(broken).secret.reveal()).toBe(text)
      }
    }
  })

  it('itself, broken every 40 or 50 characters', () => {
    const text = `endpoint=${HOST}/;accesskey=${key}`
    for (const width of [40, 50, 72]) {
      const broken = text.replaceAll(new RegExp(`.{${width}}`, 'g'), '$&\n')
      expect(parseConnectionString(broken).secret.reveal()).toBe(text)
    }
  })
})

it.each([
  ['a part that does not belong to it', `endpoint=${HOST}/;accesskey=${PRIMARY};other=x`],
  ['two keys', `endpoint=${HOST}/;accesskey=${PRIMARY};accesskey=${SECONDARY}`],
  ['two endpoints', `endpoint=${HOST}/;accesskey=${PRIMARY};endpoint=https://x.communication.azure.com/`],
  ['a character that no key has', `endpoint=${HOST}/;accesskey=${PRIMARY.slice(0, 50)}!${PRIMARY.slice(51)}`],
  ['the endpoint of a Cosmos DB', `AccountEndpoint=https://x.documents.azure.com/;AccountKey=${PRIMARY}`],
])('nothing is found in a text with %s', (_, text) => {
  expect(findConnectionString(text)).toBeUndefined()
  expect(() => parseConnectionString(text)).toThrow(CliError)
})

it.each(connectionStringReferences())('%s is answered by name', (_, text, message, hint) => {
  const parse = (): unknown => parseConnectionString(text)
  expect(parse).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }))
  expect(parse).toThrow(expect.objectContaining({ hint: expect.stringMatching(hint) }))
  expect(() => parseConnectionString(`${text}\r\n`)).toThrow(message)
})

it.each(['endpoint=https://a/;', 'accesskey=', 'a', ' ', '=', 'endpoint=https://a/;accesskey=aaaa', '\n'])(
  'a text of nothing but %j is searched in no time',
  (piece) => {
    const started = performance.now()
    findConnectionString(piece.repeat(Math.ceil((60 * 1024) / piece.length)))
    expect(performance.now() - started).toBeLessThan(1500)
  },
)

it('what is found is a part of the text, but for line breaks', () => {
  const piece = fc.oneof(
    fc.constantFrom(`endpoint=${HOST}/;`, `accesskey=${PRIMARY}`, PRIMARY, '\n', '  ', '"', ';', '{', 'Key'),
    fc.string({ maxLength: 8 }),
  )
  expect(() =>
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        const found = findConnectionString(text)
        return found === undefined || text.replaceAll(/\s/g, '').includes(found)
      }),
      { numRuns: 2000 },
    ),
  ).not.toThrow()
})
