import { describe, expect, it } from 'vitest'
import { findMentions } from '../../src/profile/change/mentions.ts'
import { parserOf, type Parses } from '../../src/profile/change/parser.ts'
import { beginningOf, placeBehind } from '../../src/profile/change/position.ts'
import { bash } from '../../src/shells/bash.ts'
import { zsh } from '../../src/shells/zsh.ts'
import { createSystem } from '../../src/system/process.ts'
import { hasProgram } from '../support/programs/requirements.ts'

/** What stands before the place behind the one line that names N. */
async function placeIn(text: string, parses: Parses): Promise<string | undefined> {
  const bytes = Buffer.from(text, 'latin1')
  const [mention] = findMentions(bytes, ['N'], undefined)
  if (mention === undefined) throw new Error('no line names N')
  const place = await placeBehind(bytes, mention, parses)
  return place === undefined ? undefined : text.slice(0, place)
}

describe.each([
  ['bash', bash],
  ['zsh', zsh],
] as const)('the place behind a line that names a variable, in %s', (program, shell) => {
  const parses = (): Parses => parserOf(shell, program, createSystem())

  it.skipIf(!hasProgram(program)).each([
    ['the line itself', 'a\nexport N="$(b)"\n', 'c\n'],
    ['the last line', 'a\nexport N=b', ''],
    ['an if', 'a\nif b; then\n  export N=c\nelse\n  d\n\nfi\n', 'e\n'],
    ['an if without a layout', 'if b\nthen\nexport N=c\nfi\n', 'e\n'],
    ['a here-document', 'cat <<E\nN=a\n\nb\nE\n', 'c\n'],
    ['a quote', "a='\nN\nb\n'\n", 'c\n'],
    ['a function', 'f() {\n  export N=a\n}\n', 'f\n'],
    ['a continued line', 'export \\\n  N=a \\\n  B=c\n', 'd\n'],
    ['a condition', 'a &&\n  export N=b\n', 'c\n'],
  ])('is behind %s', async (_, before, after) => {
    await expect(placeIn(before + after, parses())).resolves.toBe(before)
  })

  it.skipIf(!hasProgram(program)).each([
    ['an if', 'if a; then\nexport N=b\n'],
    ['a quote', "a='\nN\n"],
    ['a here-document', 'cat <<E\nN\n'],
    ['a continued line', 'export N=a \\\n'],
    ['an operator', 'export N=a &&\n'],
    ['a syntax error', 'export N=a\nfi\n'.replace(/^/, ')\n')],
  ])('is nowhere where the file ends inside %s', async (_, text) => {
    await expect(placeIn(text, parses())).resolves.toBeUndefined()
  })

  it.skipIf(!hasProgram(program))('is found by few starts of the shell in a long file', async () => {
    let started = 0
    const parse = parses()
    const counts: Parses = async (script) => {
      started += 1
      return await parse(script)
    }
    const before = `if a; then\nN=b\n${'c\n'.repeat(500)}fi\n`
    const place = await placeIn(`${before}${'d\n'.repeat(200)}`, counts)
    expect(place?.startsWith(before)).toBe(true)
    expect(started).toBeLessThanOrEqual(20)
  })
})

it('a place behind a line is the end of the file where no parser says', async () => {
  await expect(placeIn('export N=a\nb\n', async () => 'no-parser')).resolves.toBe('export N=a\nb\n')
})

it('a place behind a line is nowhere where nothing parses, after few questions', async () => {
  let asked = 0
  const parses: Parses = async () => {
    asked += 1
    return false
  }
  await expect(placeIn('export N=a\n'.padEnd(5_000, 'b\n'), parses)).resolves.toBeUndefined()
  expect(asked).toBeLessThanOrEqual(16)
})

describe('the beginning of a file', () => {
  it.each([
    ['nothing', '', 'a\n'],
    ['a shebang', '#!/bin/bash\n', 'a\n'],
    ['a shebang and CRLF', '#!/bin/bash\r\n', 'a\r\n'],
    ['a shebang alone', '#!/bin/sh', ''],
    ['all of a file with a byte order mark', '\xef\xbb\xbfa\nb\n', ''],
    ['all of one with a shebang too', '\xef\xbb\xbf#!/bin/sh\na\n', ''],
    ['a modeline of vim', '# vim: set ft=sh:\n', '# vim: a\n'],
    ['another one', '# a  vi:noai:sw=3\n', 'a\n'],
    ['one for versions of vim', '#  vim>600: fdm=marker\n', 'a\n'],
    ['one without a blank', '#vim:ft=zsh\n', 'a\n'],
    ['a modeline of Emacs', '# -*- mode: sh -*-\n', 'a\n'],
    ['no comment on vim', '', '# my vim settings: see ~/.vimrc\n'],
    ['no code that speaks of it', '', 'alias vi: vim:\n'],
    ['no comment on editors', '', '# previ: a\n'],
    ['no modeline further below', '', 'a\n# vim: ft=sh\n'],
  ])('is behind %s', (_, before, after) => {
    const bytes = Buffer.from(before + after, 'latin1')
    expect(bytes.toString('latin1', 0, beginningOf(bytes))).toBe(before)
  })
})
