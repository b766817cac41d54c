import { UsageError } from '../errors.ts'
import { isMistake, readConnectionString, type ConnectionString, type Mistake } from '../values/connection-string.ts'
import type { Credential } from '../values/credential.ts'
import type { QuietSource } from './source.ts'

/**
 * A source whose text is at hand, or in a file that is read once it comes to that. Where that is no connection string the
 * error says which source it was.
 */
export interface TextSource {
  readonly words: string
  readonly text: () => string | undefined
  /** A shell has handed it over, and may have cut it. */
  readonly isFromShell: boolean
  /** What else the user can do about it. */
  readonly wayOut: string
}

export function textSource({ words, text, isFromShell, wayOut }: TextSource): QuietSource {
  return {
    words,
    find: async () => {
      const found = text()
      if (found === undefined) return undefined
      const read = readConnectionString(found, isFromShell)
      if (isMistake(read)) throw mistakeIn(words, read, wayOut)
      return { ...read, source: undefined }
    },
    differsFrom: (other) => {
      const found = text()
      if (found === undefined) return false
      const read = readConnectionString(found)
      return isMistake(read) || isAnother(read, other)
    },
  }
}

/** Whether a connection string is not what is used; a sign-in has no key to compare. */
export function isAnother({ endpoint, secret }: ConnectionString, used: Credential): boolean {
  return used.kind === 'access-key' ? !secret.equals(used.secret) : endpoint !== used.endpoint
}

function mistakeIn(words: string, { message, hint }: Mistake, wayOut: string): UsageError {
  const sentence = message.charAt(0).toLowerCase() + message.slice(1)
  return new UsageError(`There is something wrong with ${words}: ${sentence}`, {
    code: 'invalid_connection_string',
    hint: `${hint}; or ${wayOut}`,
  })
}
