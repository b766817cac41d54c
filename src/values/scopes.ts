import { UsageError } from '../errors.ts'
import { SCOPES } from '../scope-names.ts'
import { closest } from '../text/closest.ts'

export type Scope = (typeof SCOPES)[number]

export const DEFAULT_SCOPES: readonly Scope[] = ['chat', 'voip']

/**
 * Scopes from the words a user typed, each perhaps a list with commas or spaces; in the order given, each once. An
 * unknown one throws a `UsageError`.
 */
export function parseScopes(words: readonly string[]): readonly Scope[] {
  const names = words.flatMap((word) => word.split(/[\s,]+/)).filter((name) => name !== '')
  if (names.length === 0) throw new UsageError('No scope is given.', { code: 'invalid_scope', hint: KNOWN })
  return [...new Set(names.map((name) => parseScope(name)))]
}

/** Whether this text is one of the service's scopes. */
export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text)
}

const KNOWN = `the scopes are ${SCOPES.join(', ')}`

function parseScope(name: string): Scope {
  const lower = name.toLowerCase()
  if (isScope(lower)) return lower
  const guess = closest(lower, SCOPES)
  const shown = /^[a-z.]{1,24}$/.test(lower) ? `"${lower}"` : 'This'
  throw new UsageError(`${shown} is not a scope.`, {
    code: 'invalid_scope',
    hint: guess === undefined ? KNOWN : `did you mean "${guess}"?`,
  })
}
