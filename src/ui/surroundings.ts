import type { System } from '../system/system.ts'
import type { Terminal } from '../system/terminal.ts'
import type { Reporter } from './reporter.ts'

/** What it takes to ask a person, to start a program and to say what is going on. */
export interface Surroundings {
  readonly system: System
  readonly terminal: Terminal
  readonly reporter: Reporter
}
