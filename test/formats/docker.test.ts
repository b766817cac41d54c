import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { formatNamed } from '../support/doubles/formats.ts'

const render = (values: Readonly<Record<string, string>>): string =>
  formatNamed('docker')(Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) })))

/** As docker/cli reads an env file: no quotes, no escapes, no comment behind a value. */
function readAsDocker(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'))
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
}

describe('docker', () => {
  it('is what docker run --env-file reads, for any text in one line', () => {
    const line = hostileText.filter((text) => !/[\r\n\0]/.test(text))
    fc.assert(
      fc.property(line, line, (first, second) => {
        expect(readAsDocker(render({ FIRST: first, SECOND: second }))).toEqual({ FIRST: first, SECOND: second })
      }),
    )
  })

  it('has no quotes, which Docker would take for a part of the value', () => {
    const connectionString = 'endpoint=https://contoso.communication.azure.com/;accesskey=a+b/c2V5Cg=='
    expect(render({ NAME: connectionString })).toBe(`NAME=${connectionString}\n`)
  })

  it.each(['two\nlines', 'a\rb', 'a\0b'])('does not hold %j', (value) => {
    expect(() => render({ NAME: value })).toThrow(expect.objectContaining({ name: 'CliError' }))
  })
})
