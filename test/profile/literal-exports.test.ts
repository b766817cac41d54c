import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { requireBlock } from '../../src/profile/block.ts'
import { findLiteralExports } from '../../src/profile/change/literal-exports.ts'
import { findMentions } from '../../src/profile/change/mentions.ts'
import { parserOf, type Parses } from '../../src/profile/change/parser.ts'
import { isTopLevel } from '../../src/profile/change/top-level.ts'
import { bash } from '../../src/shells/bash.ts'
import { mksh } from '../../src/shells/mksh.ts'
import { zsh } from '../../src/shells/zsh.ts'
import { createSystem } from '../../src/system/process.ts'
import { literalExportsProperty } from '../support/arbitraries/literal-exports-property.ts'
import { composed, phrases, soup } from '../support/arbitraries/script-arbitraries.ts'
import { SNIPPETS, ZSH_SNIPPETS } from '../support/arbitraries/script-snippets.ts'
import { beginStatements } from '../support/arbitraries/statement-judge.ts'
import { systemForParsers } from '../support/programs/parse-driver.ts'
import { hasProgram } from '../support/programs/requirements.ts'

const NAMES = ['N', 'TOKEN']

/** A parser to which every line is a statement of the top level. */
const understands: Parses = async (script) => !script.toString('latin1').endsWith('\n&& :')

async function find(text: string, parses: Parses = understands): Promise<readonly (readonly [number, string])[]> {
  const bytes = Buffer.from(text, 'latin1')
  const block = requireBlock(bytes, '~/.profile')
  const found = await findLiteralExports(bytes, NAMES, findMentions(bytes, NAMES, block), block, parses)
  for (const { start, end, line } of found) {
    expect(text.slice(start, end)).toBe(text.match(/[^\n]*\n|[^\n]+/g)?.[line - 1])
  }
  return found.map(({ line, name }) => [line, name])
}

describe('a hand-written export that is taken over', () => {
  it.each([
    ['in single quotes', "export N='endpoint=https://x/;accesskey=a b=='"],
    ['in double quotes', 'export N="endpoint=https://x/;accesskey=ab=="'],
    ['in double quotes with a single one', 'export N="it\'s"'],
    ['without quotes', 'export N=eyJhbG.eyJ-_.abc'],
    ['without quotes and with a key alone', 'export N=accesskey=ab+/=='],
    ['with an empty value', 'export N='],
    ['with a semicolon behind it', "export N='v';"],
    ['with a semicolon and blanks behind it', "export N='v' ; \t"],
    ['with blanks in front', "  \texport  N='v'"],
    ['with CRLF', "export N='v'\r"],
    ['with a comment', 'export N="v" # 24 h'],
    ['with a comment that has quotes', "export N='v' # it's"],
    ['with a comment behind a semicolon', "export N='v';# TOKEN"],
    ['with a comment and CRLF', 'export N=v\t# 24 h\r'],
  ])('%s', async (_, line) => {
    await expect(find(`a\n${line}\nb\n`)).resolves.toEqual([[2, 'N']])
    await expect(find(`a\n${line}`)).resolves.toEqual([[2, 'N']])
  })

  it('each of several, in the order of the file', async () => {
    const text = 'export N=1\nexport TOKEN=2\nexport M=3\nexport N=4'
    await expect(find(text)).resolves.toEqual([
      [1, 'N'],
      [2, 'TOKEN'],
      [4, 'N'],
    ])
  })

  it('on both sides of the block, and nothing inside it', async () => {
    const text = "export N=1\n# >>> acs-env >>>\nexport N='2'\n# <<< acs-env <<<\nexport N=3\n"
    await expect(find(text)).resolves.toEqual([
      [1, 'N'],
      [5, 'N'],
    ])
  })
})

describe('what stays', () => {
  it.each([
    ['a command', 'export N="$(op read op://vault/acs)"'],
    ['a command without quotes', 'export N=$(op read "op://vault/acs")'],
    ['a command in backticks', 'export N=`op read x`'],
    ['another variable', 'export N="$X"'],
    ['an escape', 'export N="a\\"b"'],
    ['a value that its own semicolon cuts', 'export N=endpoint=https://x/;accesskey=abc=='],
    ['a value that is a command of zsh', 'export N==ls'],
    ['a hash that begins no comment', 'export N=v#w'],
    ['a hash right behind a quote', "export N='v'#w"],
    ['one that is not exported', 'N=v'],
    ['one that is exported later', "N='a b'; export N"],
    ['declare', 'declare -x N=v'],
    ['typeset', 'typeset -gx N=v'],
    ['readonly', 'readonly N=v'],
    ['unset', 'unset N'],
    ['several on a line', 'export A=1 N=2'],
    ['several, ours first', 'export N=2 A=1'],
    ['quotes around all of it', 'export "N=v"'],
    ['appending', 'export N+=v'],
    ['a statement behind it', "export N='v'; echo"],
    ['a condition', "[ -f x ] && export N='v'"],
    ['two quotes', 'export N=\'a\'"b"'],
    ['a tilde', 'export N=~/x'],
    ['a glob', 'export N=a*'],
    ['a value over two lines', "export N='v\nw'"],
    ['a continued line', 'export N=v\\'],
    ['a longer name', "export MY_N='v'"],
    ['a comment', "# export N='v'"],
  ])('%s', async (_, line) => {
    await expect(find(`a\n${line}\nb\n`)).resolves.toEqual([])
  })

  it('is everything where no parser says', async () => {
    await expect(find('export N=v\n', async () => 'no-parser')).resolves.toEqual([])
    await expect(find('export N=v\n', async () => false)).resolves.toEqual([])
    await expect(find('export N=v\n', async () => true)).resolves.toEqual([])
  })

  it('is everything where the file would not parse any more', async () => {
    const breaks: Parses = async (script) =>
      (await understands(script)) === true && !script.equals(Buffer.from('a\nb\n'))
    await expect(find('a\nexport N=v\nb\n', breaks)).resolves.toEqual([])
  })
})

it('starts few shells', async () => {
  let started = 0
  const counts: Parses = async (script) => {
    started += 1
    return await understands(script)
  }
  await find('a\nexport M=v\necho $N\n', counts)
  expect(started).toBe(0)
  await find('a\nexport N=v\n# a\n\nexport TOKEN=v\n'.repeat(2), counts)
  expect(started).toBe(3 + 3 + 2)
})

describe.each([
  ['bash', bash, SNIPPETS],
  ['zsh', zsh, ZSH_SNIPPETS],
] as const)('%s', (program, shell, snippets) => {
  const system = systemForParsers()
  const parses = (): Parses => parserOf(shell, program, system)

  it.skipIf(!hasProgram(program)).each(snippets)('takes over at the top level alone: %s', async (_, script) => {
    const answers = script.map((_line, index) => {
      const before = script.slice(0, index).map((previous) => `${previous.slice(2)}\n`)
      return isTopLevel(Buffer.from(before.join(''), 'latin1'), parses())
    })
    const taken = (await Promise.all(answers)).map((answer) => (answer === true ? 'T' : '-'))
    expect(taken.map((sign, index) => `${sign}|${script[index]?.slice(2)}`)).toEqual(
      script.map((line) => line.replace(/^D/, '-')),
    )
  })

  it.skipIf(!hasProgram(program))('is judged by what it understands', () => {
    const scripts = ['true\n', 'if true; then\n', "x='\n", 'cat <<E\n', 'a \\\n']
    expect(beginStatements(program, scripts)).toEqual([true, false, false, false, false])
  })

  it.skipIf(!hasProgram(program)).each([
    ['of known parts', composed(), 10],
    ['of phrases', phrases(), 25],
    ['of anything', soup(), 15],
  ])('runs what is taken over as a statement in scripts %s', async (_, scripts, numRuns) => {
    const { property } = literalExportsProperty(program, scripts)
    await expect(fc.assert(property, { numRuns })).resolves.toBeUndefined()
  })
})

describe('what zsh takes for whole at the end of a file', () => {
  it
    .skipIf(!hasProgram('zsh'))
    .each([
      'a &&',
      'a || # b',
      'a &&\n# b\n',
      'a && ;',
      'a "b\n# " &&',
      'cat <<E &&\nb\nE',
      'cat <<E "\n" ||\nb\nE',
      "cat <<'' &&\nb\n",
      'while true',
      'while\n  true',
      'until false;',
      'repeat 3',
      'for x',
      'for x\nin a b',
      'for x (a\nb)',
      'for ((;;))',
      'select x',
      'function a b',
      'function a \\\n  b',
      'cat <<E',
      'a \\',
      ')\n(',
      '}\n{',
      '} ; f() {',
    ])('is not the top level: %j', async (text) => {
    await expect(isTopLevel(Buffer.from(`${text}\n`), parserOf(zsh, 'zsh', createSystem()))).resolves.toBe(false)
  })

  it
    .skipIf(!hasProgram('zsh'))
    .each(['! a', '$a=1', 'if (a) { b }', 'for x (a b) c', 'repeat 3 a', 'f() { a }', 'a &!', 'cat <<E &&\nb\nE\nc'])(
    'is the top level behind what only zsh knows: %j',
    async (text) => {
      await expect(isTopLevel(Buffer.from(`${text}\n`), parserOf(zsh, 'zsh', createSystem()))).resolves.toBe(true)
    },
  )
})

it.skipIf(!hasProgram('mksh', '-c')).each(['f()', 'f() # a'])('mksh goes on behind %s', async (text) => {
  await expect(isTopLevel(Buffer.from(`${text}\n`), parserOf(mksh, 'mksh', createSystem()))).resolves.toBe(false)
})
