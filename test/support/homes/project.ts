import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect } from 'vitest'
import { acs, emulator, home } from './emulator-and-home.ts'
import type { WorldOptions, WorldRun } from './world.ts'

beforeEach(() => {
  mkdirSync(join(home.path, 'project'))
})

/** In the directory of a project below the home. */
export const inProject = (options: WorldOptions = {}): WorldOptions => ({
  ...options,
  workingDirectory: join(home.path, 'project'),
})

/** Runs the program there; it has to succeed. */
export async function done(args: readonly string[], options: WorldOptions = {}): Promise<WorldRun> {
  const run = await acs(args, inProject(options))
  expect([run.exitCode, run.stderr]).toEqual([0, expect.not.stringMatching(/^error/m)])
  return run
}

/** Sets the resource of the emulator up there, in `.env` unless the arguments say otherwise. */
export const setup = (args: readonly string[] = ['--dotenv', '.env'], options: WorldOptions = {}): Promise<WorldRun> =>
  done(['setup', '--no-verify', '--connection-string', emulator.connectionString, ...args], options)

export const documentOf = ({ stdout }: WorldRun): Record<string, unknown> =>
  JSON.parse(stdout) as Record<string, unknown>
