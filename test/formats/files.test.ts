import { spawnSync } from 'node:child_process'
import { parseEnv } from 'node:util'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formats } from '../../src/formats/format.ts'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { makeHome, type TestHome } from '../support/homes/home.ts'

const CONNECTION_STRING = 'endpoint=https://contoso.unitedstates.communication.azure.com/;accesskey=a+b/c2V5Cg=='
const TOKEN = `eyJhbGciOiJSUzI1NiJ9.${'a-_Z09'.repeat(100)}.${'b'.repeat(342)}`
const SINGLE_QUOTES = "'\u2018\u2019\u201A\u201B"

const render = (format: keyof typeof formats, values: Readonly<Record<string, string>>): string =>
  formats[format](Object.entries(values).map(([name, value]) => ({ name, value: new Secret(value) })))

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
        expect(parseEnv(render('dotenv', { FIRST: first, SECOND: second }))).toEqual({ FIRST: first, SECOND: second })
      }),
      { numRuns: 1000 },
    )
  })

  it('is loaded by a Node that is told to', () => {
    fc.assert(
      fc.property(fc.array(withoutQuote, { minLength: 50, maxLength: 80 }), (values) => {
        const named = Object.fromEntries([...values, CONNECTION_STRING, TOKEN].map((value, i) => [`VALUE_${i}`, value]))
        const file = home.write('.env', render('dotenv', named))
        const script = 'process.loadEnvFile(process.argv[1]); console.log(JSON.stringify(process.env))'
        const { stdout } = spawnSync(process.execPath, ['-e', script, file], { encoding: 'utf8', env: {} })
        expect(JSON.parse(stdout)).toMatchObject(named)
      }),
      { numRuns: 3 },
    )
  })

  it('has no quotes around ordinary values, which docker --env-file would take for a part of them', () => {
    const text = render('dotenv', { FIRST: CONNECTION_STRING, SECOND: TOKEN })
    const asDockerReads = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
    expect(Object.fromEntries(asDockerReads)).toEqual({ FIRST: CONNECTION_STRING, SECOND: TOKEN })
  })

  it.each(["it's", 'two\nlines', 'a\rb'])('does not hold %j', (value) => {
    expect(() => render('dotenv', { NAME: value })).toThrow(expect.objectContaining({ name: 'CliError' }))
  })
})

describe('json', () => {
  it('is one line that JSON.parse reads, for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), hostileText, (first, second) => {
        const text = render('json', { FIRST: first, SECOND: second })
        expect(text.split('\n')).toHaveLength(2)
        expect(JSON.parse(text)).toEqual({ FIRST: first, SECOND: second })
      }),
    )
  })
})

describe('powershell', () => {
  const withLines = fc.oneof(
    hostileText,
    fc.string({ unit: fc.constantFrom(...SINGLE_QUOTES.split(''), '\n', '$', '`', 'a') }),
  )

  it('says the same to PowerShell, for any text', () => {
    fc.assert(
      fc.property(withLines, withLines, (first, second) => {
        const text = render('powershell', { FIRST: first, SECOND: second })
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

describe('cmd', () => {
  const takes = hostileText.filter((text) => !/[%!"]/.test(text))

  it('says the same to cmd, for any text that it can take', () => {
    fc.assert(
      fc.property(takes, (value) => {
        expect(readCmd(render('cmd', { NAME: value }))).toEqual([['NAME', value]])
      }),
      { numRuns: 1000 },
    )
  })

  it.each(['100%', '%PATH%', 'wow!', 'a"b', 'two\nlines', 'a\rb'])('has no way to say %j', (value) => {
    expect(() => render('cmd', { NAME: value })).toThrow(
      expect.objectContaining({ name: 'CliError', hint: expect.stringContaining('powershell') }),
    )
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
