import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import type { TestHome } from '../../test/support/homes/home.ts'
import { runBuilt, type BuiltRun } from '../../test/support/programs/built.ts'

export const PROCESSES = 200
export const POLL_MS = 3
const OWN = '.config/acs-env'
const KILL_AFTER = join(import.meta.dirname, 'kill-after.cjs')

/** With two hundred on two processors, a service that answers at once may still answer too late. */
export const LATE = String.raw`Another acs-env is still at work\.|127\.0\.0\.1:\d+ did not answer in time\.`

/** By a signal some time after its start, or killed right after it has replaced or removed so many files, or not at all. */
export type End =
  | { readonly signal: NodeJS.Signals; readonly afterMs: number }
  | { readonly killAfter: number }
  | undefined

/** How a process is ended that replaces and removes at most so many files. */
export function endsWithin(mostFiles: number): fc.Arbitrary<End> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({
        signal: fc.constantFrom('SIGKILL', 'SIGTERM', 'SIGINT'),
        afterMs: fc.integer({ min: 0, max: 12_000 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ killAfter: fc.integer({ min: 1, max: mostFiles }) }) },
  )
}

/** Whether a process ended as it was to be ended. */
export function isInterrupted(end: End, { signal, exitCode }: BuiltRun): boolean {
  return end !== undefined && (signal !== null || exitCode === 130)
}

/** Both values; undefined where they changed meanwhile, since two files cannot be read in one instant. */
export function readPair(home: TestHome, folder = '.'): readonly (string | undefined)[] | undefined {
  const read = (): readonly (string | undefined)[] =>
    ['connection-string', 'access-token'].map((name) => {
      try {
        return readFileSync(join(home.path, OWN, folder, name), 'utf8')
      } catch {
        return undefined
      }
    })
  const [first, second] = [read(), read()]
  return first.join() === second.join() ? first : undefined
}

/** What processes on one home come to. */
export interface Round {
  readonly wrong: string[]
  /** How often each command ended in which way. */
  readonly ends: Map<string, number>
  /** Runs one of many, and counts its end. */
  run(command: string, args: readonly string[], end: End): Promise<BuiltRun>
  /** Runs one alone, which has to succeed. */
  finish(args: readonly string[]): Promise<void>
  expectEqual(what: string, actual: unknown, expected: unknown): void
}

export function beginRound(home: TestHome): Round {
  const wrong: string[] = []
  const ends = new Map<string, number>()
  const expectEqual = (what: string, actual: unknown, expected: unknown): void => {
    if (JSON.stringify(actual) !== JSON.stringify(expected)) {
      wrong.push(`${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
    }
  }
  return {
    wrong,
    ends,
    expectEqual,
    run: async (command, args, end) => {
      const isHooked = end !== undefined && 'killAfter' in end
      const result = await runBuilt(args, {
        home: home.path,
        ...(isHooked && { env: { NODE_OPTIONS: `--require=${KILL_AFTER}`, KILL_AFTER: String(end.killAfter) } }),
        ...(end !== undefined && !isHooked && { sends: end }),
      })
      const key = `${command}: ${result.exitCode ?? result.signal}`
      ends.set(key, (ends.get(key) ?? 0) + 1)
      return result
    },
    finish: async (args) => {
      const { exitCode, stderr } = await runBuilt(args, { home: home.path })
      expectEqual(`${args[0]} alone says ${stderr} and ends with`, exitCode, 0)
    },
  }
}
