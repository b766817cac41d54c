import { afterAll, beforeAll, beforeEach } from 'vitest'
import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { makeHome, type TestHome } from './home.ts'
import { runInWorld, type WorldOptions, type WorldRun } from './world.ts'

/** One for all tests of the file that imports this. */
export let emulator: Emulator
/** A new one for each of them. */
export let home: TestHome

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})
afterAll(() => emulator.close())
// Tests that run at once have one each, too, whatever becomes of the name.
const homes: TestHome[] = []
beforeEach(() => {
  home = makeHome()
  homes.push(home)
})
afterAll(() => {
  for (const each of homes) each.remove()
})

/** Runs the program in this home. */
export function acs(args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> {
  return runInWorld(args, home.path, options)
}
