import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parserOf } from '../../src/profile/change/parser.ts'
import { bash } from '../../src/shells/bash.ts'
import { ksh } from '../../src/shells/ksh.ts'
import { mksh } from '../../src/shells/mksh.ts'
import { sh } from '../../src/shells/sh.ts'
import { zsh } from '../../src/shells/zsh.ts'
import { makeSystem } from '../support/homes/world.ts'
import { hasProgram } from '../support/programs/requirements.ts'

let home: string

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'acs-env-parser-'))
  for (const name of ['.bashrc', '.zshenv', '.profile', 'env']) writeFileSync(join(home, name), 'fi\n')
})

afterAll(() => rmSync(home, { recursive: true }))

describe.each([
  ['bash', bash],
  ['zsh', zsh],
  ['dash', sh],
  ['mksh', mksh],
  ['ksh', ksh],
] as const)('the parser of %s', (program, shell) => {
  it.skipIf(!hasProgram(program, '-c'))('parses, runs nothing and reads no start-up file', async () => {
    const file = join(home, 'env')
    const env = { BASH_ENV: file, ENV: file, SHELLOPTS: 'posix', ZDOTDIR: home, SHLVL: '0' }
    const parses = parserOf(shell, program, makeSystem(home, { env }))
    await expect(parses(Buffer.from(`touch ${home}/ran\nif true; then :; fi\n`))).resolves.toBe(true)
    await expect(parses(Buffer.from('if true; then :\n'))).resolves.toBe(false)
    await expect(parses(Buffer.from('fi\n:\n'))).resolves.toBe(false)
    await expect(parses(Buffer.alloc(0))).resolves.toBe(true)
    expect(() => rmSync(join(home, 'ran'))).toThrow('ENOENT')
  })
})

it('a parser gets every byte as it is', async () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
  const copy = join(home, 'copy')
  const parses = parserOf({ family: 'posix', parses: ['-c', `cat > ${copy}`] }, 'sh', makeSystem(home))
  await expect(parses(bytes)).resolves.toBe(true)
  expect(readFileSync(copy).includes(bytes)).toBe(true)
})

it('a shell that is not there is no parser', async () => {
  const parses = parserOf(bash, join(home, 'none'), makeSystem(home))
  await expect(parses(Buffer.from(':\n'))).resolves.toBe('no-parser')
})

it('a shell that does not answer in time is not waited for again and again', async () => {
  let started = 0
  let nowMs = 0
  const system = makeSystem(home, {
    run: async (_program, _args, { timeoutMs = 0 } = {}) => {
      started += 1
      nowMs += timeoutMs
      return { kind: 'timed-out' }
    },
  })
  const parses = parserOf(bash, 'bash', { ...system, elapsedMs: () => nowMs })
  for (let time = 0; time < 10; time += 1) await expect(parses(Buffer.from(':\n'))).resolves.toBe('no-parser')
  expect(started).toBe(2)
  expect(nowMs).toBe(10_000)
})
