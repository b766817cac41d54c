import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText } from '../../src/text/decode.ts'

const big = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

describe('text from a pipe', () => {
  it.each<[string, (text: string) => Buffer]>([
    ['UTF-8', (text) => Buffer.from(text)],
    ['UTF-8 with a byte order mark', (text) => Buffer.from(`\uFEFF${text}`)],
    ['UTF-16', (text) => Buffer.from(text, 'utf16le')],
    ['UTF-16 with a byte order mark', (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
    ['UTF-16, big-endian', big],
    ['UTF-16, big-endian, with a byte order mark', (text) => big(`\uFEFF${text}`)],
  ])('is read as %s', (_, encode) => {
    for (const text of ['', 'a', 'eyJ.a-b_c\r\n', '{"name": "é日😀"}']) expect(decodeText(encode(text))).toBe(text)
  })

  it('is read whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeText(Buffer.from(bytes))).toBeTypeOf('string')
      }),
    )
  })
})
