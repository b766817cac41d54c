import { isMistake, readConnectionString, type ConnectionString } from '../values/connection-string.ts'
import type { Reading, SecretQuestion } from './questions.ts'

/** What somebody types who has none, or does not know what is asked for. */
const NOTHING_AT_HAND = /^\s*(?:\?|h|help|-h|--help|none|no)?\s*$/i

/**
 * Asks for a connection string, in any of the forms in which people have one. Enter alone tells where to get one.
 *
 * @param program how the user starts this program
 */
export function connectionStringQuestion(program: string): SecretQuestion<ConnectionString> {
  return {
    kind: 'secret',
    message: 'Connection string',
    read: (text) => (NOTHING_AT_HAND.test(text) ? { kind: 'refused', ...waysToOne(program) } : read(text)),
  }
}

function read(text: string): Reading<ConnectionString> {
  const value = readConnectionString(text)
  if (isMistake(value)) return { kind: 'refused', ...value }
  return { kind: 'taken', value, shown: value.host }
}

function waysToOne(program: string): { readonly message: string; readonly hint: undefined } {
  const lines = [
    'Where to get one:',
    'https://portal.azure.com - your Communication Services resource, then Keys',
    'az communication list-key -n NAME -g GROUP --query primaryConnectionString -o tsv',
    `"${program} demo" shows everything without one (leave with Ctrl+C).`,
  ]
  return { message: lines.join('\n'), hint: undefined }
}
