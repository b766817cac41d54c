import { describe, expect, it } from 'vitest'
import { printable } from '../../src/text/printable.ts'

describe('text for people', () => {
  it('shows control characters and leaves all other text', () => {
    expect(printable('a\u001B[31m\u0007\r\n\u0085\u202E é日😀~')).toBe(
      String.raw`a\x1b[31m\x07\x0d\x0a\x85\u202e é日😀~`,
    )
  })

  it('leaves out a secret that was pasted for a name', () => {
    expect(printable('/home/me/endpoint=https:/contoso/;AccessKey=c2Vj+/cmV0==')).toBe(
      '/home/me/endpoint=https:/contoso/;AccessKey=…',
    )
    expect(printable('eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.c2ln-_YXR1cmU: command not found')).toBe(
      'eyJ…: command not found',
    )
    expect(printable('endpoint=https://<resource>/;accesskey=<key>')).toBe(
      'endpoint=https://<resource>/;accesskey=<key>',
    )
  })
})
