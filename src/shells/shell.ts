import type { LoginShellName, ShellName } from '../shell-names.ts'
import type { System } from '../system/system.ts'

/** A variable and its value, as a statement sets them. */
export interface Assignment {
  readonly name: string
  readonly value: string
}

/**
 * A shell: everything that is written in its language, and read back from it, is here. What `readAssignment` makes of
 * what `assign` wrote is the same name and value.
 */
export interface Shell {
  readonly name: ShellName
  /** The programs that speak this language, by the names they are started by. */
  readonly programs: readonly string[]
  /** The statement that sets and exports the variable. Throws a `CliError` for a value that the language cannot hold. */
  assign(name: string, value: string): string
  /** What a line that `assign` wrote sets; undefined for any other line. */
  readAssignment(line: string): Assignment | undefined
}

/** A shell whose start-up files can load the variables. */
export interface LoginShell extends Shell {
  readonly name: LoginShellName
  /** The files below the home that may have the block, where nothing is remembered. */
  readonly profileNames: readonly string[]
  /** Where its start-up files are. May have to ask the shell itself. */
  startup(place: StartupPlace): Promise<Startup | Unanswered>
  /**
   * The lines that set the variable from a file, if that can be read.
   *
   * @param file below the home directory, as the shell reads it: `~/.config/acs-env/access-token`
   */
  readValue(name: string, file: string): readonly string[]
  /** The command that loads a file into the shell at hand: `source ~/.zshrc`. */
  load(path: string, home: string): string
  /** A word of its language that is empty where the variable is not set in the shell, exported or not. */
  setWord(name: string): string
  /** The arguments that start it as a terminal does, for one command. */
  open(start: ShellStart, command: string): readonly string[]
  /**
   * The arguments that start it so for commands on its standard input, which leave no line in its history if they begin
   * with a blank. Absent where a shell that ends before its one command would end before its prompt, too.
   */
  openPrompt?(start: ShellStart): readonly string[]
  /**
   * The arguments after which it reads a script on standard input and says with its exit code whether that parses;
   * nothing of it is run.
   */
  readonly parses: readonly string[]
}

/** The two ways in which terminals start a shell. */
export type ShellStart = 'login' | 'interactive'

/** For whom the start-up files are looked for. */
export interface StartupPlace {
  readonly home: string
  /** The program of the login shell: a path, or a name to be found on PATH. */
  readonly program: string
  readonly system: System
}

export interface Startup {
  /** Where the block belongs, the file to load by hand first. */
  readonly loadPoints: readonly LoadPoint[]
  /** Every file of the user's that the shell may read when it starts, in the order of reading. */
  readonly files: readonly string[]
  /** The ways to start the shell in which it reads one of the load points. */
  readonly starts: readonly ShellStart[]
}

/** A start-up file that gets the block. */
export interface LoadPoint {
  readonly path: string
  /** The ways of starting in which the shell reads it. */
  readonly readBy: readonly ShellStart[]
  readonly ifMissing: 'create' | 'leave'
  /** Lines for a file that is created: what the new file would keep the shell from reading. */
  readonly preamble: readonly string[]
}

/** The shell did not say what it was asked. */
export interface Unanswered {
  readonly unanswered: string
}
