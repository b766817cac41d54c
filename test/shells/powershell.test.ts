import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { formatNamed } from '../support/doubles/formats.ts'

const SINGLE_QUOTES = "'\u2018\u2019\u201A\u201B"

const render = (values: Readonly<Record<string, string>>): string =>
  formatNamed('powershell')(Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) })))

describe('powershell', () => {
  const withLines = fc.oneof(
    hostileText,
    fc.string({ unit: fc.constantFrom(...SINGLE_QUOTES.split(''), '\n', '$', '`', 'a') }),
  )

  it('says the same to PowerShell, for any text', () => {
    fc.assert(
      fc.property(withLines, withLines, (first, second) => {
        const text = render({ FIRST: first, SECOND: second })
        expect(readPowershell(text)).toEqual([
          ['FIRST', first],
          ['SECOND', second],
        ])
      }),
      { numRuns: 1000 },
    )
  })

  it('would not, were a typographic quote left as it is', () => {
    expect(() => readPowershell("$env:NAME = 'it\u2019s'\n")).toThrow('not a statement')
  })
})

/** Assignments of verbatim strings, as PowerShell's tokenizer takes them: five characters quote, two are one. */
function readPowershell(text: string): readonly (readonly [string, string])[] {
  const read: [string, string][] = []
  let rest = text
  while (rest !== '') {
    const [start, name = ''] = /^\$env:(\w+) = (?=.)/.exec(rest) ?? []
    if (start === undefined || !SINGLE_QUOTES.includes(rest.charAt(start.length))) throw new Error('not a statement')
    let at = start.length + 1
    let value = ''
    for (; at < rest.length; at += 1) {
      if (SINGLE_QUOTES.includes(rest.charAt(at))) {
        at += 1
        if (at >= rest.length || !SINGLE_QUOTES.includes(rest.charAt(at))) break
      }
      value += rest.charAt(at)
    }
    if (rest.charAt(at) !== '\n') throw new Error('not a statement')
    read.push([name, value])
    rest = rest.slice(at + 1)
  }
  return read
}
