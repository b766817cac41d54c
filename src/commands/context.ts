import type { Options } from '../args/options.ts'
import type { System } from '../system/system.ts'
import type { Terminal } from '../system/terminal.ts'
import type { Reporter } from '../ui/reporter.ts'

/** What every command is handed. */
export interface CommandContext {
  readonly options: Options
  /** The arguments that are no options: an id, or the command to run. */
  readonly operands: readonly string[]
  readonly system: System
  readonly terminal: Terminal
  readonly reporter: Reporter
  /** How the user starts this program: `acs-env` or `npx acs-env`. */
  readonly program: string
}

/**
 * How a command that did not fail ended: `status` may have found the store not ready, and a command that `exec` ran has
 * an exit code of its own.
 */
export type Outcome = 'done' | 'not-ready' | { readonly exitCode: number }
