import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { formatNamed } from '../support/doubles/formats.ts'

const render = (values: Readonly<Record<string, string>>): string =>
  formatNamed('cmd')(Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) })))

describe('cmd', () => {
  const takes = hostileText.filter((text) => !/[%!"]/.test(text))

  it('says the same to cmd, for any text that it can take', () => {
    fc.assert(
      fc.property(takes, (value) => {
        expect(readCmd(render({ NAME: value }))).toEqual([['NAME', value]])
      }),
      { numRuns: 1000 },
    )
  })

  it.each(['100%', '%PATH%', 'wow!', 'a"b', 'two\nlines', 'a\rb'])('has no way to say %j', (value) => {
    expect(() => render({ NAME: value })).toThrow(
      expect.objectContaining({ name: 'CliError', hint: expect.stringContaining('powershell') }),
    )
  })
})

/** Lines of `set "NAME=value"`: `%` and `!` are expanded even in quotes, and a further quote would end them. */
function readCmd(text: string): readonly (readonly [string, string])[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', value = ''] = /^set "([^="%!]+)=([^"%!\r]+)"$/.exec(line) ?? []
      if (name === '') throw new Error('not a set statement')
      return [name, value] as const
    })
}
