import { spawnSync } from 'node:child_process'
import { parseEnv } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { formatNamed } from '../support/doubles/formats.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'

const CONNECTION_STRING = 'endpoint=https://contoso.unitedstates.communication.azure.com/;accesskey=a+b/c2V5Cg=='
const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${'a-_Z09'.repeat(100)}.${'b'.repeat(342)}`

const render = (values: Readonly<Record<string, string>>): string =>
  formatNamed('dotenv')(Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) })))

let home: TestHome
beforeAll(() => {
  home = makeHome()
})
afterAll(() => home.remove())

describe('dotenv', () => {
  const withoutQuote = hostileText.filter((text) => !text.includes("'"))

  it('is what Node reads from a .env file, for any text that one can hold', () => {
    fc.assert(
      fc.property(withoutQuote, withoutQuote, (first, second) => {
        expect(parseEnv(render({ FIRST: first, SECOND: second }))).toEqual({ FIRST: first, SECOND: second })
      }),
      { numRuns: 1000 },
    )
  })

  it('is loaded by Node', () => {
    fc.assert(
      fc.property(fc.array(withoutQuote, { minLength: 50, maxLength: 80 }), (values) => {
        const named = Object.fromEntries([...values, CONNECTION_STRING, TOKEN].map((value, i) => [`VALUE_${i}`, value]))
        const file = home.write('.env', render(named))
        const script = 'process.loadEnvFile(process.argv[1]); console.log(JSON.stringify(process.env))'
        const { stdout } = spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8', env: {} })
        expect(JSON.parse(stdout)).toMatchObject(named)
      }),
      { numRuns: 3 },
    )
  })

  it('has quotes around a connection string, which a shell would end at its ";", and none around a token', () => {
    expect(render({ FIRST: CONNECTION_STRING, SECOND: TOKEN })).toBe(`FIRST='${CONNECTION_STRING}'\nSECOND=${TOKEN}\n`)
  })

  it('is what a shell that sources it exports, for any text that one can hold', () => {
    fc.assert(
      fc.property(fc.array(withoutQuote, { minLength: 50, maxLength: 80 }), (values) => {
        const named = Object.fromEntries(
          [...values, CONNECTION_STRING, TOKEN, '~/x', 'a:~', '~'].map((value, i) => [`VALUE_${i}`, value]),
        )
        const file = home.write('.env', render(named))
        const script = 'set -a; . "$1"; exec env -0'
        const { stdout } = spawnSync('sh', ['-c', script, 'sh', file], {
          encoding: 'utf8',
          env: { PATH: process.env.PATH },
        })
        const entries = stdout
          .split('\0')
          .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)])
        expect(Object.fromEntries(entries)).toMatchObject(named)
      }),
      { numRuns: 5 },
    )
  })

  it.each(["it's", 'two\nlines', 'a\rb'])('does not hold %j', (value) => {
    expect(() => render({ NAME: value })).toThrow(expect.objectContaining({ name: 'CliError' }))
  })
})
