import { isMistake, readConnectionString, type ConnectionString } from '../values/connection-string.ts'
import type { Reading, SecretQuestion } from './questions.ts'

/** Asks for a connection string, in any of the forms in which people have one. */
export const CONNECTION_STRING_QUESTION: SecretQuestion<ConnectionString> = {
  kind: 'secret',
  message: 'Connection string',
  read,
}

function read(text: string): Reading<ConnectionString> {
  const value = readConnectionString(text)
  if (isMistake(value)) return { kind: 'refused', ...value }
  return { kind: 'taken', value, shown: value.host }
}
