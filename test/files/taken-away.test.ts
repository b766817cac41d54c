import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { startResources } from '../support/homes/resources.ts'
import { runInWorld } from '../support/homes/world.ts'
import { runBuilt, type BuiltRun } from '../support/programs/built.ts'

/** What is said where another program does so while the lock is held, as no run of acs-env does. */
const MEANWHILE = /^error: \S+ could not be written: another program has changed it\.\nhint: run this again\n$/
const HOOK = join(import.meta.dirname, '../support/hooks/vanish-at.cjs')

/** Runs with a file that is gone after a number of calls about it, and returns how many there were. */
async function runWithout(
  args: readonly string[],
  home: TestHome,
  file: string,
  at: number,
): Promise<{ readonly run: BuiltRun; readonly calls: number }> {
  const counted = join(home.path, 'counted')
  const env = {
    NODE_OPTIONS: `--require=${HOOK}`,
    VANISH_PATH: join(home.path, file),
    VANISH_AT: String(at),
    VANISH_COUNT: counted,
  }
  return { run: await runBuilt(args, { home: home.path, env }), calls: Number(readFileSync(counted)) }
}

it.each([
  ['first', 'connection-string'],
  ['first', 'access-token'],
  ['first', 'state.json'],
  ['second', 'state.json'],
])('use %s is no error where the %s of a copy is taken away by another run', async (name, file) => {
  const resources = await startResources()
  const both = makeHome()
  for (const [each, { connectionString }] of [
    ['second', resources.b],
    ['first', resources.a],
  ] as const) {
    await runInWorld(['setup', '--no-verify', '--name', each, '--connection-string', connectionString], both.path)
  }
  await runInWorld(['use', 'first'], both.path)
  const failed: string[] = []
  let calls = Infinity
  for (let at = 1; at <= calls; at += 1) {
    const home = makeHome()
    cpSync(both.path, home.path, { recursive: true })
    const { run, calls: counted } = await runWithout(
      ['use', name],
      home,
      `.config/acs-env/resources/second/${file}`,
      at,
    )
    calls = counted
    if (run.exitCode !== 0 && !MEANWHILE.test(run.stderr)) failed.push(`after ${at}: ${run.stderr}`)
    home.remove()
  }
  expect(failed).toEqual([])
  expect(calls).toBeGreaterThan(1)
  both.remove()
  await resources.close()
})
