import type { LoginShellName, ShellName } from '../shell-names.ts'
import type { System } from '../system/system.ts'

/** A variable and its value, as a statement sets them. */
export interface Assignment {
  readonly name: string
  readonly value: string
}

/**
 * A shell: everything that is written in its language, and read back from it, is here. From what `assign` wrote,
 * `readAssignment` reads the same name and value.
 */
export interface Shell {
  readonly name: ShellName
  /** The programs that speak this language, by the names they are started by. */
  readonly programs: readonly string[]
  /** The statement that sets and exports the variable. Throws a `CliError` for a value that the language cannot hold. */
  assign(name: string, value: string): string
  /** What a text that `assign` wrote sets; undefined for any other text. */
  readAssignment(text: string): Assignment | undefined
}

/** A shell whose start-up files can load the variables. */
export type LoginShell = PosixShell | OtherShell

interface StartedShell extends Shell {
  readonly name: LoginShellName
  /** Where its start-up files are. May have to ask the shell itself. */
  startup(place: StartupPlace): Promise<Startup | Unanswered>
  /**
   * The lines that set the variable from a file, if that can be read.
   *
   * @param file below the home directory, as the shell reads it: `~/.config/acs-env/access-token`
   */
  readValue(name: string, file: string): readonly string[]
  /** How a file gets loaded into the shell at hand. */
  load(path: string, home: string): Loading
  /** Text of its language that is empty where the variable is not set in the shell, exported or not: behind a `=`. */
  setWord(name: string): string
  /** How it is started as a terminal does, to run one command. */
  open(start: ShellStart, command: Command): Opened
}

/** A shell that reads what sh reads: these share their statements, can be asked whether a text parses, and be traced. */
export interface PosixShell extends StartedShell {
  readonly family: 'posix'
  /** The files below the home that may have the block, where nothing is remembered. */
  readonly profileNames: readonly string[]
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

/** A shell with a language of its own. Nobody taught exports in it, so no line of the user's is taken over. */
export interface OtherShell extends StartedShell {
  readonly family: 'other'
  /** The beginning of a statement that has to stand before all others. */
  readonly comesFirst: RegExp | 'nothing'
}

/** The two ways in which terminals start a shell. */
export type ShellStart = 'login' | 'interactive'

/** A command such as `source ~/.zshrc`, or that only a new shell loads it. */
export type Loading = { readonly kind: 'command'; readonly text: string } | { readonly kind: 'new-shell' }

/** What a shell is opened for: a script of sh, with words that are of the shell's own language and are worked out there. */
export interface Command {
  readonly words: readonly string[]
  /** The script, with the words as they stand in it. */
  readonly script: (words: readonly string[]) => string
}

/** What starts a shell. */
export interface Opened {
  readonly args: readonly string[]
  /** What it finds on standard input, which is empty otherwise. */
  readonly input?: string
  /** Its name as a process, where that is what makes it a login shell. */
  readonly calledAs?: string
}

/** What it takes to find the start-up files. */
export interface StartupPlace {
  readonly home: string
  /** The program of the login shell: a path, or a name to be found on PATH. */
  readonly program: string
  readonly system: System
}

export interface Startup {
  /** Where the values are loaded, the file to load by hand first. */
  readonly loadPoints: readonly LoadPoint[]
  /** Every file of the user's that the shell may read when it starts, in the order of reading. */
  readonly files: readonly string[]
  /** The ways to start the shell in which it reads one of the load points; none where it only starts at a terminal. */
  readonly starts: readonly ShellStart[]
}

/** A file that a shell reads when it starts, and that gets to load the values. */
export type LoadPoint = BlockPoint | DropInPoint

/** A start-up file of the user's, which gets the block. */
export interface BlockPoint {
  readonly kind: 'block'
  readonly path: string
  /** The ways of starting in which the shell reads it. */
  readonly readBy: readonly ShellStart[]
  readonly ifMissing: 'create' | 'leave'
  /** Lines for a file that is created: they load what the new file would keep the shell from reading. */
  readonly preamble: readonly string[]
}

/** A file of our own in a directory of which the shell reads everything. */
export interface DropInPoint {
  readonly kind: 'drop-in'
  readonly path: string
  readonly readBy: readonly ShellStart[]
}

/** The shell did not say what it was asked. */
export interface Unanswered {
  readonly unanswered: string
}
