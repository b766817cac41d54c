import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeRubbish, rubbishCase } from '../support/arbitraries/rubbish.ts'
import { home } from '../support/homes/emulator-and-home.ts'
import { runBuilt } from '../support/programs/built.ts'

const RUNS = 25
/** They wait for nothing but each other. */
const AT_ONCE = 3

describe('rubbish around the built program', () => {
  it('ends it with a sentence, in time, and is never a bug: records, files, links, variables, arguments', async () => {
    const cases = fc.sample(rubbishCase, RUNS).values()
    const found: (readonly string[])[] = []
    const work = async (): Promise<void> => {
      for (const item of cases) found.push(await judgeRubbish(item))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    expect([found.length, found.flat()]).toEqual([RUNS, []])
  })

  it.each<readonly [string, (path: string) => void]>([
    ['a pipe', (path) => void execFileSync('mkfifo', [path])],
    ['a device without an end', (path) => symlinkSync('/dev/zero', path)],
    ['a directory', (path) => mkdirSync(path)],
    ['a link to itself', (path) => symlinkSync(path, path)],
    ['a file that is gigabytes long', (path) => void execFileSync('truncate', ['--size', '9G', path])],
    [
      'a file that nobody may read',
      (path) => {
        execFileSync('touch', [path])
        chmodSync(path, 0)
      },
    ],
  ])('in the place of a file of another program is none: %s', async (_, make) => {
    mkdirSync(join(home.path, '.azure'))
    make(join(home.path, '.azure/config'))
    make(join(home.path, '.zshenv'))
    const env = { SHELL: '/bin/zsh', ENV: join(home.path, '.zshenv') }
    const { exitCode, signal, stderr } = await runBuilt(['exec', '--', 'true'], {
      home: home.path,
      env,
      signal: AbortSignal.timeout(15_000),
    })
    expect([exitCode, signal, stderr]).toEqual([1, null, expect.stringMatching(/^error: Nothing is stored yet\./)])
  })
})
