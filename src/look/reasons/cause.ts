import type { ShellStart } from '../../shells/shell.ts'

/** A line of a file. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** Why a new shell does not hand on what is stored, as far as a trace can tell. */
export type Cause =
  /** This line changes the variable; `via` are the lines that led there. */
  | ({ readonly kind: 'set-in'; readonly change: Change } & Route)
  /** It is one of these lines, or none that can be named. */
  | { readonly kind: 'in-file'; readonly file: string; readonly lines: readonly number[] }
  /** The shell, or the reading of the file, came no further than this line. */
  | ({ readonly kind: 'last-line'; readonly command: string | undefined } & Route)
  | ({ readonly kind: 'syntax-error' } & Place)
  /** The lines that load the values are in a file that is not read. */
  | { readonly kind: 'not-read'; readonly file: string; readonly because: NotReadReason }
  /** They are read, and do not load the values. */
  | { readonly kind: 'block-failed'; readonly file: string }
  | { readonly kind: 'unknown' }

/**
 * It sets the variable to something else, removes it, keeps it from programs, or makes it read-only before the stored
 * value can be loaded.
 */
export type Change = 'sets' | 'removes' | 'hides' | 'makes-read-only'

/** Start-up files are switched off in a line; a compiled file is read in its place; or no other file leads to it. */
export type NotReadReason =
  | ({ readonly kind: 'switched-off' } & Place)
  | { readonly kind: 'compiled'; readonly file: string }
  | { readonly kind: 'not-sourced'; readonly readInstead: string | undefined }

/** A line and, from the inside out, the lines that called or read what it is in. */
export interface Route extends Place {
  readonly via: readonly Place[]
}

export interface Trace {
  readonly start: ShellStart
  /** For each variable that is not as expected; all the same where the shell itself did not get ready. */
  readonly causes: readonly { readonly name: string; readonly cause: Cause }[]
  /** Its last commands asked for a terminal, which it does not have when it is looked at. */
  readonly asksForTerminal: boolean
}
