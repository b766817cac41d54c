import type { ShellDialect } from '../files/shell-reader.ts'
import type { System } from '../system/system.ts'

export type ShellName = 'bash' | 'zsh' | 'sh'

/** A variable and the file in which a new shell finds its value. */
export interface StoredVariable {
  readonly name: string
  /** Below the home directory, as the shell is to read it: `~/.config/acs-env/access-token`. */
  readonly file: string
}

/** A profile to write the block to. */
export interface ProfileTarget {
  readonly path: string
  /** Lines to put first into a block in a file that does not exist yet. */
  readonly handOver: readonly string[]
  /** Left alone if it does not exist. */
  readonly onlyIfPresent: boolean
}

/** How a shell speaks: its profiles, its quoting, its statements. */
export interface Shell {
  readonly name: ShellName
  /** The grammar of its profiles. */
  readonly dialect: ShellDialect
  /** The files to write the block to, the one to load first. */
  profiles(home: string, system: System): Promise<readonly ProfileTarget[]>
  /** Names of files beside the main profile that a login shell reads after it, so that what they set wins. */
  readonly readAfterwards: readonly string[]
  /** Sets the variable from its file, if that can be read. */
  readStatement(variable: StoredVariable): readonly string[]
  /** Sets the variable to this very value. */
  exportStatement(name: string, value: string): string
  /** Arguments that start a new shell as a terminal does, for one command. */
  newShellArguments(command: string): readonly string[]
  /** The command that loads a profile into the shell at hand. */
  loadCommand(path: string, home: string): string
}
