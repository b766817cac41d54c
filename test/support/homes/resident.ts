import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { startEmulator, type Emulator } from '../../../src/emulator/server.ts'
import { makeHome, type TestHome } from './home.ts'
import { runInWorld, type WorldRun } from './world.ts'

/** What shells write into a home by themselves when they are opened. */
const OF_SHELLS =
  /^\.(?:local|cache|config\/nushell\/(?:history|plugin)|config\/fish\/(?:fish_variables|config\.fish|completions|functions))/

let emulator: Emulator
const homes: TestHome[] = []
beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})
afterAll(async () => {
  await emulator.close()
  for (const home of homes) home.remove()
})

/** A home, and the program for somebody whose login shell is this one. */
export interface Resident {
  readonly home: TestHome
  readonly acs: (...args: readonly string[]) => Promise<WorldRun>
  readonly setup: (...args: readonly string[]) => Promise<WorldRun>
}

interface ResidentOptions {
  /** The last part of the path of the home. */
  readonly name?: string
  readonly env?: (home: string) => Readonly<Record<string, string>>
}

/** A new home for the tests of the file that imports this. */
export function residentWith(shell: string, { name, env = () => ({}) }: ResidentOptions = {}): Resident {
  const home = makeHome(name)
  homes.push(home)
  const acs = (...args: readonly string[]): Promise<WorldRun> =>
    runInWorld(args, home.path, {
      env: { SHELL: shell, LANG: 'C.UTF-8', ...env(home.path) },
      input: emulator.connectionString,
    })
  return { home, acs, setup: (...args) => acs('setup', '--yes', '--connection-string-stdin', ...args) }
}

/** What is in a home, without what is the shell's own and the directories around that. */
export function listWithoutShells(home: TestHome): readonly string[] {
  const all = home.list()
  const ofShells = all.filter((path) => OF_SHELLS.test(path))
  const isAround = (path: string): boolean => ofShells.some((other) => other.startsWith(`${path}/`))
  return all.filter((path) => !OF_SHELLS.test(path) && (statSync(join(home.path, path)).isFile() || !isAround(path)))
}
