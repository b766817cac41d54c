import { afterAll, beforeAll, beforeEach } from 'vitest'
import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { runBuilt, type BuiltOptions, type BuiltRun } from '../programs/built.ts'
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

/** Runs the built program in this home, with the connection string of the emulator in the environment. */
export function built(args: readonly string[], options: BuiltOptions = {}): Promise<BuiltRun> {
  const env = { AZURE_COMMUNICATION_CONNECTION_STRING: emulator.connectionString, ...options.env }
  return runBuilt(args, { ...options, home: home.path, env })
}

/** Makes an identity of the emulator; resolves to its id. */
export async function createUser(): Promise<string> {
  const { stdout } = await acs(['user', 'create', '--connection-string', emulator.connectionString])
  return stdout.trim()
}
