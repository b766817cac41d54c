import { CliError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import { isMistake, readStoredConnectionString, type ConnectionString } from '../values/connection-string.ts'
import type { QuietSource } from './source.ts'
import { isAnother } from './text-source.ts'

/** The stored connection string. */
export function storedSource(stored: Secret | undefined): QuietSource {
  return {
    words: 'the stored connection string',
    find: async () => (stored === undefined ? undefined : { ...requireStored(stored), source: undefined }),
    differsFrom: (other) => {
      if (stored === undefined) return false
      const read = readStoredConnectionString(stored.reveal())
      return isMistake(read) || isAnother(read, other)
    },
  }
}

/** The stored connection string, understood. A damaged one is an error. */
export function requireStored(stored: Secret): ConnectionString {
  const read = readStoredConnectionString(stored.reveal())
  if (!isMistake(read)) return read
  throw new CliError('The stored connection string is damaged.', {
    code: 'invalid_connection_string',
    hint: 'store it again: "acs-env setup --connection-string-stdin"',
  })
}
