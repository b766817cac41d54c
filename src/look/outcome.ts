import type { ShellStart } from '../shells/shell.ts'

/**
 * What a program that is started from the shell gets: the value that is stored, another one (perhaps an empty one), or
 * none, though the shell itself may have it without exporting it.
 */
export type VariableState = 'same' | 'other' | 'missing' | 'unexported'

export interface SeenVariable {
  readonly name: string
  readonly state: VariableState
}

/** The result of opening a shell in one way. */
export interface Look {
  readonly start: ShellStart
  readonly outcome: LookOutcome
}

export type LookOutcome =
  | { readonly kind: 'answered'; readonly variables: readonly SeenVariable[] }
  /** Another shell takes its place while it starts; the variables are those of the other one. */
  | { readonly kind: 'handed-over'; readonly to: string; readonly variables: readonly SeenVariable[] }
  /** It ended before it had read its start-up files; 128 and more is a signal. */
  | { readonly kind: 'ended'; readonly exitCode: number }
  | { readonly kind: 'too-slow'; readonly timeoutMs: number }
  | { readonly kind: 'not-started'; readonly reason: NotStartedReason }
  | { readonly kind: 'could-not-look'; readonly reason: CouldNotLookReason }
  /** By Ctrl+C. */
  | { readonly kind: 'interrupted' }

export type NotStartedReason = 'no-such-program' | 'not-executable' | 'no-login' | 'other'

/**
 * No directory for the answer could be made; our Node does not run in that shell (`ulimit -v`); we run in a shell that
 * we opened, from one of its start-up files; these files are another user's; a shell took over that only starts at a
 * terminal; or the shell ended since it had none.
 */
export type CouldNotLookReason =
  | 'no-directory'
  | 'node-does-not-run'
  | 'inside-a-look'
  | 'foreign-home'
  | 'needs-a-terminal'
  | 'ends-without-a-terminal'

/** Whether the shell hands on what is stored; `not-looked` where that is not known, and so no fault of the shell's. */
export function verdictOf(outcome: LookOutcome): 'seen' | 'not-seen' | 'not-looked' {
  switch (outcome.kind) {
    case 'answered':
    case 'handed-over':
      return outcome.variables.every(({ state }) => state === 'same') ? 'seen' : 'not-seen'
    case 'ended':
      return 'not-seen'
    default:
      return 'not-looked'
  }
}
