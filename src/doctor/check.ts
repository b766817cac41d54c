import type { Facts } from './facts.ts'
import type { Finding } from './finding.ts'

/** What a check came to: what it found, which may be nothing, or why it had nothing to look at. */
export type Outcome = readonly Finding[] | { readonly skipped: string }

/** One thing that may be wrong. */
export interface Check {
  /** Stable, for scripts: `shell.login`. */
  readonly id: string
  /** What is so where it finds nothing: a sentence. */
  readonly fine: string
  /** Where there is such a thing at all; on other systems the check is not mentioned. */
  readonly on: 'every system' | readonly NodeJS.Platform[]
  /** Reads only. A `CliError` that it throws is reported as a warning. */
  run(facts: Facts): Outcome | Promise<Outcome>
}

/** For `Check.on`: the systems with POSIX shells. */
export const POSIX: readonly NodeJS.Platform[] = ['linux', 'darwin']
