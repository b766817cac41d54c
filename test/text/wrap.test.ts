import { describe, expect, it } from 'vitest'
import { renderRows } from '../../src/text/rows.ts'
import { wrap, wrapSentences } from '../../src/text/wrap.ts'

const BOLD = (text: string): string => `\u001B[1m${text}\u001B[22m`

describe('wrapping', () => {
  it.each([
    ['one two three', 7, ['one two', 'three']],
    ['a word-that-is-longer b', 6, ['a', 'word-that-is-longer', 'b']],
    ['run "acs-env setup" again', 18, ['run', '"acs-env setup"', 'again']],
    ['run "acs-env setup --name x" again', 12, ['run "acs-env', 'setup --name', 'x" again']],
    [`${BOLD('error:')} one two`, 10, [`${BOLD('error:')} one`, 'two']],
    ['', 10, ['']],
  ])('%s at %d', (text, width, lines) => {
    expect(wrap(text, width)).toEqual(lines)
  })

  it('leaves commands and tables as they are, and everything where there is no terminal', () => {
    const text = 'To have it here, run this:\n\n  source ~/a-long-name/.bash_profile\n'
    expect(wrapSentences(text, 12)).toBe('To have it\nhere, run\nthis:\n\n  source ~/a-long-name/.bash_profile\n')
    expect(wrapSentences(text, Infinity)).toBe(text)
  })
})

describe('a table of two columns', () => {
  const rows = [
    ['expires', 'in 24 h'],
    ['scopes', 'chat, voip, chat.join, chat.join.limited, voip.join'],
  ] as const

  it('keeps them side by side where there is room', () => {
    expect(renderRows(rows, { width: 62 })).toBe(
      '  expires  in 24 h\n  scopes   chat, voip, chat.join, chat.join.limited, voip.join\n',
    )
  })

  it('wraps the second', () => {
    expect(renderRows([['a', 'x '.repeat(40).trim()]], { width: 60, minLabelWidth: 20 })).toBe(
      `  a${' '.repeat(21)}${'x '.repeat(18).trim()}\n${' '.repeat(24)}${'x '.repeat(18).trim()}\n${' '.repeat(24)}x x x x\n`,
    )
  })

  it('puts one below the other on a narrow terminal', () => {
    expect(renderRows(rows, { width: 40 })).toBe(
      '  expires\n    in 24 h\n  scopes\n    chat, voip, chat.join,\n    chat.join.limited, voip.join\n',
    )
  })

  it('goes on below where a row has no label, with no empty line between', () => {
    expect(
      renderRows(
        [
          ['stored in', '~/a'],
          ['', '~/b'],
        ],
        { width: 40 },
      ),
    ).toBe('  stored in\n    ~/a\n    ~/b\n')
  })

  it('indents a long word as far as there is room for it', () => {
    expect(renderRows([['identity', 'x'.repeat(79)]], { width: 80 })).toBe(`  identity\n ${'x'.repeat(79)}\n`)
    expect(renderRows([['identity', 'x'.repeat(90)]], { width: 80 })).toBe(`  identity\n${'x'.repeat(90)}\n`)
  })
})
