import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskInGithub, renderGithubEnv } from '../../src/formats/github.ts'
import { Secret } from '../../src/secret.ts'
import { hostileText } from '../support/arbitraries/hostile-text.ts'
import { readEnvFile, readMasks } from '../support/doubles/github-runner.ts'

describe('github', () => {
  const hostileLines = fc.array(hostileText, { minLength: 1, maxLength: 3 }).map((lines) => lines.join('\n'))

  it('masks any text and hands it on, as the runner reads it', () => {
    fc.assert(
      fc.property(hostileLines, hostileLines, (first, second) => {
        const assignments = [
          { name: 'FIRST', value: new Secret(first) },
          { name: 'SECOND', value: new Secret(second) },
        ]
        expect(readMasks(maskInGithub(assignments))).toEqual([first, second])
        expect(readEnvFile(renderGithubEnv(assignments))).toEqual({ FIRST: first, SECOND: second })
      }),
      { numRuns: 500 },
    )
  })

  it('escapes what a workflow command gives a meaning to', () => {
    expect(maskInGithub([{ name: 'NAME', value: new Secret('100%25\r\nmore') }])).toBe(
      '::add-mask::100%2525%0D%0Amore\n',
    )
  })

  it('refuses a carriage return, which the runner would cut off', () => {
    expect(() => renderGithubEnv([{ name: 'NAME', value: new Secret('a\r') }])).toThrow(/NAME has a carriage return/)
  })
})
