import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as fc from 'fast-check'
import { expect } from 'vitest'
import { bash } from '../../../src/shells/bash.ts'
import { sh } from '../../../src/shells/sh.ts'
import type { LoginShell } from '../../../src/shells/shell.ts'
import { zsh } from '../../../src/shells/zsh.ts'
import { makeHome } from '../homes/home.ts'
import { ACCESS_TOKEN, CONNECTION_STRING, storeValues, writeBlock } from '../homes/shell-block.ts'
import { hasProgram } from '../programs/requirements.ts'
import { runShell, splitBytes } from '../programs/shell-run.ts'

const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(index + 32)).join('')
const SPECIAL = `'"\\$\`!~#*?[]{}()<>|&;=% \t`
const base64 = fc.base64String({ minLength: 4, maxLength: 96 })

/** One line of text that may be stored, however odd. */
export const value = fc
  .oneof(
    fc.tuple(fc.domain(), base64).map(([host, key]) => `endpoint=https://${host}/;accesskey=${key}`),
    fc.tuple(base64, base64, base64).map((parts) => `eyJ${parts.join('.').replaceAll('+', '-').replaceAll('/', '_')}`),
    fc.string({ unit: fc.constantFrom(...SPECIAL.split('')), minLength: 1, maxLength: 20 }),
    fc.string({ unit: 'grapheme-ascii', minLength: 1 }),
    fc.string({ unit: 'binary', minLength: 1 }),
    fc.constantFrom(
      PRINTABLE,
      '  spaces  ',
      '\\',
      "'",
      "''",
      '\\n',
      '$(id)',
      '`id`',
      '\tx\t',
      'a\r',
      '\u2028',
      '-n',
      'x'.repeat(40_000),
      `${PRINTABLE}é日😀`.repeat(408),
    ),
  )
  .map((text) => text.replaceAll(/[\n\0]/g, '') || 'x')

/** Sources the profile of many homes, each in a subshell, and writes both values to a file. */
const READ_ALL = `for home in "$HOME"/*; do (
  HOME=$home; export HOME; unset ${CONNECTION_STRING} ${ACCESS_TOKEN}; set -eu
  . "$HOME/profile"
  printf '%s\\0' "$${CONNECTION_STRING}" "$${ACCESS_TOKEN}" >> "$VALUES_FILE"
) || exit; done`

/** Every shell, and the ways to start it in which the same text may mean something else. */
export const READERS: readonly (readonly [string, readonly string[], LoginShell])[] = [
  ['bash', [], bash],
  ['bash', ['--posix'], bash],
  ['zsh', [], zsh],
  ['zsh', ['-o', 'rcquotes'], zsh],
  ['dash', [], sh],
  ['ksh', [], sh],
  ['mksh', [], sh],
]

/** How the block has the values. */
export type BlockForm = 'files' | 'inline'

/**
 * Any two values, as every shell reads them back: a property of so many pairs at a time, since starting a shell takes
 * longer than reading. Counts the values that were read.
 */
export function readBackProperty(
  form: BlockForm,
  pairsAtOnce: number,
): { readonly property: fc.IAsyncProperty<[[string, string][], string]>; readonly count: () => number } {
  const readers = READERS.filter(([program]) => hasProgram(program, '-c'))
  let count = 0
  const pairs = fc.array(fc.tuple(value, value), { minLength: pairsAtOnce, maxLength: pairsAtOnce })
  const property = fc.asyncProperty(pairs, fc.constantFrom('C', 'C.UTF-8'), async (pairs, locale) => {
    const parent = makeHome()
    try {
      for (const [index, [connectionString, accessToken]] of pairs.entries()) {
        const home = join(parent.path, String(index).padStart(3, '0'))
        mkdirSync(home)
        const values = { connectionString, accessToken }
        if (form === 'files') storeValues(home, values)
        await writeBlock(home, sh, join(home, 'profile'), form === 'inline' ? { inline: values } : {})
      }
      const texts = pairs.flat().map((text) => Buffer.from(text).toString('latin1'))
      for (const [program, args] of readers) {
        const file = join(dirname(parent.path), 'values')
        writeFileSync(file, '')
        const env = { VALUES_FILE: file, LANG: locale }
        const { status, stdout, stderr } = runShell(program, [...args, '-c', READ_ALL], parent.path, env)
        expect([program, status, stdout, stderr]).toEqual([program, 0, '', ''])
        const read = splitBytes(readFileSync(file)).map((bytes) => bytes.toString('latin1'))
        expect(read.length).toBe(texts.length)
        expect(texts.findIndex((text, index) => text !== read[index])).toBe(-1)
        count += read.length
      }
    } finally {
      parent.remove()
    }
  })
  return { property, count: () => count }
}
