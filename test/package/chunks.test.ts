import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { BUILT } from '../support/programs/built.ts'

const directory = dirname(BUILT)
// This runs the program.
const START = /^start-/

// Of two that load each other one finds the other half done: Node warns of it, and goes on without the value.
it.each(readdirSync(directory).filter((name) => name.endsWith('.cjs') && !START.test(name)))(
  '%s loads first, with whatever it needs for that',
  (name) => {
    const script = [BUILT, join(directory, name)].map((path) => `require(${JSON.stringify(path)})`).join(';')
    // All come behind the first of them, which does no more where the version is asked for.
    const args = ['-e', script, '--', BUILT, '--version']
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    expect([status, stderr]).toEqual([0, ''])
  },
)
