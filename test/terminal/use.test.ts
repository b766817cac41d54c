import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeHome, type TestHome } from '../support/homes/home.ts'
import { startResources, type Resources } from '../support/homes/resources.ts'
import { runInWorld } from '../support/homes/world.ts'
import { runInTerminal, type PtyRun } from '../support/programs/pty.ts'

const QUESTION = '? Which one is to be the current one?'

let resources: Resources
let home: TestHome
beforeAll(async () => {
  resources = await startResources()
  home = makeHome()
  for (const [which, name] of [
    ['a', 'prod'],
    ['b', 'staging'],
  ] as const) {
    const connection = ['--connection-string', resources[which].connectionString]
    await runInWorld(['setup', '--yes', '--no-verify', '--name', name, ...connection], home.path)
  }
})
afterAll(() => {
  home.remove()
  return resources.close()
})

const start = (): PtyRun => runInTerminal(['use'], { home: home.path, nodePath: process.execPath })
const current = (): string | undefined => resources.resourceOf(home.read('.config/acs-env/connection-string'))

it('changes nothing after Ctrl+C', async () => {
  const run = start()
  await run.waitFor(QUESTION)
  run.press('ctrl-c')
  expect((await run.exit()).exitCode).toBe(130)
  expect(current()).toBe('b')
})

it('is chosen from a list that says what each of them is', async () => {
  const run = start()
  await run.waitFor(QUESTION)
  expect(run.text()).toMatch(/staging +127\.0\.0\.1:\d+, good until .*, current/)
  expect(run.text()).toMatch(/prod +127\.0\.0\.1:\d+, good until/)
  run.press('down')
  run.press('enter')
  await run.waitFor('prod is the current one: ')
  expect((await run.exit()).exitCode).toBe(0)
  expect(current()).toBe('a')
})
