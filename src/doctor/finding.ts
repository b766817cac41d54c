import type { Route } from '../look/reasons/cause.ts'

/** What to do: a clause without a full stop, and commands to copy, which begin with `acs-env` where they are ours. */
export interface Cure {
  readonly text: string
  readonly commands: readonly string[]
}

/**
 * Something that is wrong. An error: a program started from a new shell does not get a working value. A warning: it does,
 * and yet there is something to see to.
 */
export interface Finding {
  readonly level: 'error' | 'warning'
  /** A sentence, without a secret. */
  readonly message: string
  /** The file and line that are to blame. */
  readonly where: Route | undefined
  readonly cure: Cure | undefined
}

export function errorFinding(message: string, cure?: Cure, where?: Route): Finding {
  return { level: 'error', message, where, cure }
}

export function warningFinding(message: string, cure?: Cure, where?: Route): Finding {
  return { level: 'warning', message, where, cure }
}

/** @param text a clause without a full stop: "Load the stored one here" */
export function cureOf(text: string, ...commands: readonly string[]): Cure {
  return { text, commands }
}

/** Names in a sentence: "A", "A and B". */
export function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** Hints of errors begin with a small letter. */
export function upperFirst(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}
