import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { checkMerge, dotenvFile, WANTED } from '../../test/support/arbitraries/dotenv-files.ts'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { byLength } from '../support/campaign.ts'
import { runProperties } from '../support/properties.ts'

const PYTHON = '/usr/bin/python3'
/** One process for all files: starting one takes longer than reading a thousand files. */
const READ_ALL = `
import dotenv, io, json, sys
for line in sys.stdin:
    values = dotenv.dotenv_values(stream=io.StringIO(json.loads(line)))
    print(json.dumps(values))
`

it('changes no byte of a .env file that is not ours, and all programs read the values', async () => {
  const dotenv = dotenvLibraries()
  const merged: string[] = []
  const property = fc.property(dotenvFile, (file) => {
    const after = checkMerge(file)?.bytes.toString()
    if (after === undefined) return
    merged.push(after)
    for (const { parse } of dotenv) expect(parse(after)).toMatchObject(Object.fromEntries(WANTED))
  })
  await expect(
    runProperties('properties of .env files', [
      { title: 'what is merged is what is read', property, runs: byLength(10_000, 500_000) },
    ]),
  ).resolves.toBeUndefined()
  expect(merged.length).toBeGreaterThan(byLength(5_000, 250_000))
  if (!hasProgram(PYTHON, '-cimport dotenv')) return
  const input = merged.map((text) => `${JSON.stringify(text)}\n`).join('')
  const answers = execFileSync(PYTHON, ['-c', READ_ALL], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const lines = answers.trimEnd().split('\n')
  expect(lines).toHaveLength(merged.length)
  const misread = lines.flatMap((line, index) => {
    const values = JSON.parse(line) as Readonly<Record<string, string>>
    return [...WANTED].every(([name, value]) => values[name] === value) ? [] : [merged[index]]
  })
  expect(misread).toEqual([])
})

/** The libraries in the directory that ACS_ENV_TEST_DOTENV_READERS names; CI has to name it. */
function dotenvLibraries(): readonly { readonly parse: (text: string) => Readonly<Record<string, string>> }[] {
  const { ACS_ENV_TEST_DOTENV_READERS: directory = '', CI: inCi = '' } = process.env
  if (directory === '') {
    if (inCi !== '') throw new Error('ACS_ENV_TEST_DOTENV_READERS is missing; in CI it names a directory with them')
    console.warn('left out: dotenv; ACS_ENV_TEST_DOTENV_READERS names no directory')
    return []
  }
  const require = createRequire(join(directory, 'from-here.cjs'))
  return ['dotenv-16', 'dotenv-17'].map((name) => require(name) as ReturnType<typeof dotenvLibraries>[number])
}
