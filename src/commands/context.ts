import type { OptionsOf } from '../args/command-options.ts'
import type { CommandName } from '../args/commands.ts'
import type { Surroundings } from '../ui/surroundings.ts'

/** What a command is handed: its own options, and what it takes to act. */
export interface CommandContext<Name extends CommandName> extends Surroundings {
  readonly options: OptionsOf<Name>
  /** The arguments that are no options: an id, or the command to run. */
  readonly operands: readonly string[]
  /** How the user starts this program: `acs-env` or `npx acs-env`. */
  readonly program: string
}

/**
 * How a command that did not fail ended: something may not be ready, as `status` finds and `setup` sees, and a command
 * that `exec` ran has an exit code of its own.
 */
export type Outcome = 'done' | 'not-ready' | { readonly exitCode: number }
