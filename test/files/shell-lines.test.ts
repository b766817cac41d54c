import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readShell } from '../../src/files/shell-lines.ts'
import type { ShellDialect } from '../../src/files/shell-reader.ts'
import { bashJudge, coverProperty } from '../support/bash-judge.ts'
import { hasProgram } from '../support/programs/requirements.ts'
import { composed, PROBE, soup } from '../support/script-arbitraries.ts'
import { SNIPPETS, ZSH_SNIPPETS, type Annotated } from '../support/script-snippets.ts'
import { linesOf } from '../support/shell-lines.ts'
import { stretchProperty } from '../support/stretch-property.ts'

const SIGNS = { 'top-level': 'T', inner: '-', data: 'D', unknown: '?' }

function annotate(script: Annotated, dialect: ShellDialect): Annotated {
  const text = script.map((line) => line.slice(2)).join('\n')
  return linesOf(text, dialect).map(({ start, end, kind }) => {
    return `${SIGNS[kind]}|${text.slice(start, end).replace(/\n$/, '')}`
  })
}

describe('the lines of a script', () => {
  it.each(SNIPPETS)('%s', (_, script) => {
    expect(annotate(script, 'posix')).toEqual(script)
  })

  it.each(ZSH_SNIPPETS)('of zsh: %s', (_, script) => {
    expect(annotate(script, 'zsh')).toEqual(script)
  })

  it('cover the text without a gap, whatever it is', () => {
    expect(() => fc.assert(coverProperty, { numRuns: 300 })).not.toThrow()
  })

  it('are the same whether what is plain is taken in one go or not', () => {
    expect(() => fc.assert(stretchProperty, { numRuns: 2_000 })).not.toThrow()
  })

  it.each([
    '(\n',
    '{\n',
    'if\n',
    '"$(',
    '"${x}$(|(',
    'a "b" ',
    "a'b'c",
    '<<E\n',
    '`\n',
    'case a in\n',
    'a;',
    '$a',
    'a && ',
    'if ',
    '! ',
    'a[;',
    'a[1]=b;',
    'a >b ',
    'case a in a) b;; esac;',
  ])('are read in no time however often it says %j', (text) => {
    const started = performance.now()
    readShell(text.repeat(100_000))
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  it.each(['\n', ' ', '  \n', '#\n'])('are read in no time however many of %j stand in a case', (text) => {
    const started = performance.now()
    readShell(`case $x in\n${text.repeat(100_000)}(a) b;;\n${text.repeat(100_000)}`)
    expect(performance.now() - started).toBeLessThan(3_000)
  })

  it('of a large profile are read in no time', () => {
    const text = SNIPPETS.map(([, script]) => script.map((line) => line.slice(2)).join('\n'))
      .join('\n')
      .repeat(200)
    const started = performance.now()
    readShell(text)
    expect(text.length).toBeGreaterThan(500_000)
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})

describe.skipIf(!hasProgram('bash'))('a top-level line', () => {
  let directory: string

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'acs-env-lines-'))
  })

  afterAll(() => rmSync(directory, { recursive: true, force: true }))

  it.each([
    ['open', 'if true; then\n', false],
    ['inner', "x='\n", false],
    ['plain', 'true\n', true],
  ] as const)('is told from others by the judge: %s', (_, start, isPlain) => {
    const [first = '', second = ''] = bashJudge(directory).judge(`${start}${PROBE}`)
    expect(first.startsWith('0\n[x]') && first.replace('[x]', '[]') === second).toBe(isPlain)
  })

  it.each([
    ['every profile of known parts', composed(), 40],
    ['any soup', soup(), 60],
  ])('is a plain statement to bash in %s', (_, scripts, numRuns) => {
    const { property, judged } = bashJudge(directory).topLevelProperty(scripts)
    fc.assert(property, { numRuns })
    expect(judged()).toBeGreaterThan(numRuns / 3)
  })
})
