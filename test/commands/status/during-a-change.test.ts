import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { startResources, type Resources } from '../../support/homes/resources.ts'
import { runInWorld, type WorldRun } from '../../support/homes/world.ts'
import { runBuilt } from '../../support/programs/built.ts'

const HOOK = join(import.meta.dirname, '../../support/hooks/hold-at.cjs')
/** Longer than the files are read for, and shorter than the end of a change is waited for. */
const HELD_MS = 150

let resources: Resources
let both: TestHome

beforeAll(async () => {
  resources = await startResources()
  both = makeHome()
  await runInWorld(
    ['setup', '--no-verify', '--name', 'second', '--connection-string', resources.b.connectionString],
    both.path,
  )
  await runInWorld(
    ['setup', '--no-verify', '--inline', '--name', 'first', '--connection-string', resources.a.connectionString],
    both.path,
  )
})
afterAll(async () => {
  both.remove()
  await resources.close()
})

const QUESTIONS = [
  ['status'],
  ['status', '--all', '--json'],
  ['status', '--name', 'first'],
  ['doctor', '--no-shell', '--offline'],
]

/** The answers while another run stands still before one of its calls; none where it makes fewer. */
async function askDuring(change: readonly string[], at: number): Promise<readonly WorldRun[]> {
  const home = makeHome()
  cpSync(both.path, home.path, { recursive: true })
  const signals = makeHome()
  const [begun, end] = ['begun', 'end'].map((name) => join(signals.path, name)) as [string, string]
  const env = { NODE_OPTIONS: `--require=${HOOK}`, HOLD_AT: String(at), HOLD_BEGUN: begun, HOLD_END: end }
  const over = new AbortController()
  const changing = runBuilt(change, { home: home.path, env }).finally(() => over.abort())
  while (!existsSync(begun) && !over.signal.aborted) await setTimeout(5)
  const isHeld = !over.signal.aborted
  const asking = isHeld ? QUESTIONS.map((question) => runInWorld(question, home.path)) : []
  await setTimeout(isHeld ? HELD_MS : 0)
  signals.write('end', '')
  const answers = await Promise.all(asking)
  expect(await changing).toMatchObject({ exitCode: 0 })
  home.remove()
  signals.remove()
  return answers
}

it.each([[['use', 'second']], [['refresh']], [['setup', '--no-verify', '--yes']]])(
  'status and doctor wait for the end of a change, whatever is done of it: %j',
  { timeout: 240_000 },
  async (change) => {
    const wrong: string[] = []
    let calls = 0
    for (;;) {
      const answers = await askDuring(change, calls + 1)
      if (answers.length === 0) break
      calls += 1
      wrong.push(
        ...answers.flatMap(({ exitCode, stdout, stderr }, index) =>
          exitCode === 0 ? [] : [`${QUESTIONS[index]?.join(' ')} before call ${calls}: ${stdout}${stderr}`],
        ),
      )
    }
    expect(wrong).toEqual([])
    expect(calls).toBeGreaterThan(2)
  },
)
