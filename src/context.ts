import type { Options } from './args/options.ts'
import type { System } from './system/system.ts'
import type { Terminal } from './system/terminal.ts'
import type { Reporter } from './ui/reporter.ts'

/** What every command is handed. */
export interface CommandContext {
  readonly options: Options
  readonly system: System
  readonly terminal: Terminal
  readonly reporter: Reporter
  /** How the user starts this program: `acs-env` or `npx acs-env`. */
  readonly program: string
}
