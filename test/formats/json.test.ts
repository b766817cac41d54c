import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { formatNamed } from '../support/doubles/formats.ts'

const render = (values: Readonly<Record<string, string>>): string =>
  formatNamed('json')(Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) })))

describe('json', () => {
  it('is one line that JSON.parse reads, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), hostileText, (first, second) => {
        const text = render({ FIRST: first, SECOND: second })
        expect(text.split('\n')).toHaveLength(2)
        expect(JSON.parse(text)).toEqual({ FIRST: first, SECOND: second })
      }),
    )
  })
})
