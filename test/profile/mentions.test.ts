import { describe, expect, it } from 'vitest'
import { requireBlock } from '../../src/profile/block.ts'
import { findMentions } from '../../src/profile/change/mentions.ts'

const NAMES = ['N', 'TOKEN']

function find(text: string): readonly (readonly [number, string])[] {
  const bytes = Buffer.from(text, 'latin1')
  const found = findMentions(bytes, NAMES, requireBlock(bytes, '~/.profile'))
  for (const { start, end, line } of found) {
    expect(text.slice(start, end)).toBe(text.match(/[^\n]*\n|[^\n]+/g)?.[line - 1])
  }
  return found.map(({ line, name }) => [line, name])
}

describe('a line that names a variable', () => {
  it.each([
    'export N=v',
    'export "N=v" # a',
    'unset N',
    'echo "${N}"',
    '  if [ -n "$N" ]; then',
    'N',
    '\xe9N\xe9',
    "x='a # N'",
    'declare -x N=v\r',
  ])('is found: %s', (line) => {
    expect(find(`a\n${line}\nb\n`)).toEqual([[2, 'N']])
    expect(find(`a\n${line}`)).toEqual([[2, 'N']])
  })

  it.each(['export MY_N=v', 'N2=v; NN=v', '# export N=v', ' \t#N', 'n=v', ''])('is not: %j', (line) => {
    expect(find(`a\n${line}\nb\n`)).toEqual([])
  })

  it('is there once, with the name that comes first', () => {
    expect(find('a TOKEN N\nN_ N TOKEN\nTOKEN\n')).toEqual([
      [1, 'TOKEN'],
      [2, 'N'],
      [3, 'TOKEN'],
    ])
  })

  it('counts outside the block alone', () => {
    expect(find('N\n# >>> acs-env >>>\nN\nTOKEN\n# <<< acs-env <<<\nN\n')).toEqual([
      [1, 'N'],
      [6, 'N'],
    ])
  })

  it.each(['export N=a\n', 'N ', 'NN ', '#N\n', 'a\n'])('is found in no time however often a file says %j', (text) => {
    const bytes = Buffer.from(text.repeat(40_000))
    const started = performance.now()
    findMentions(bytes, NAMES, undefined)
    expect(performance.now() - started).toBeLessThan(3_000)
  })
})
