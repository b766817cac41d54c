import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { formatNamed } from '../support/doubles/formats.ts'

const render = (values: Readonly<Record<string, string>>): string =>
  formatNamed('azure-pipelines')(Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) })))

const ESCAPES: readonly (readonly [RegExp, string])[] = [
  [/%3B/gi, ';'],
  [/%0D/gi, '\r'],
  [/%0A/gi, '\n'],
  [/%5D/gi, ']'],
  [/%AZP25/gi, '%'],
]

/** The secret variables as the agent reads them: one command a line, its value unescaped, the `%` last. */
function readAsAgent(output: string): Record<string, string> {
  const lines = output.split('\n').slice(0, -1)
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, data] = /^##vso\[task\.setvariable variable=(\w+);issecret=true\]([^\r\n]*)$/.exec(line) ?? []
      if (name === undefined || data === undefined) throw new Error('not a logging command')
      return [name, ESCAPES.reduce((text, [escape, character]) => text.replaceAll(escape, () => character), data)]
    }),
  )
}

describe('azure-pipelines', () => {
  it('makes secret variables, one in a line', () => {
    const connectionString = 'endpoint=https://contoso.communication.azure.com/;accesskey=a+b/c2V5Cg=='
    expect(render({ FIRST: connectionString, SECOND: 'eyJ.a-b_c' })).toBe(
      `##vso[task.setvariable variable=FIRST;issecret=true]${connectionString}\n` +
        '##vso[task.setvariable variable=SECOND;issecret=true]eyJ.a-b_c\n',
    )
  })

  it('is any text, as the agent reads it', () => {
    const parts = fc.constantFrom('%', '%AZP25', '%3B', '%0d', '%0A', '%5D', '25', ';', ']', '\r\n', '3B', 'AZP')
    const tricky = fc.array(parts, { maxLength: 6 }).map((all) => all.join(''))
    fc.assert(
      fc.property(tricky, hostileText, (first, second) => {
        expect(readAsAgent(render({ FIRST: first, SECOND: second }))).toEqual({ FIRST: first, SECOND: second })
      }),
      { numRuns: 1000 },
    )
  })
})
