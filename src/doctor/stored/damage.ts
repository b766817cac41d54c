import { describeStoredToken, storedConnectionString } from '../../store/stored-token.ts'
import type { Stored } from '../../store/stored.ts'
import { isMistake } from '../../values/connection-string.ts'
import { cureOf, errorFinding, type Finding } from '../finding.ts'

/** A token that is neither the one that was issued nor one that can be read, and a connection string that is none. */
export function damagedValues(found: Stored): readonly Finding[] {
  const token = describeStoredToken(found)
  const connectionString = storedConnectionString(found)
  return [
    ...(token !== undefined && token.expiresOn === undefined
      ? [errorFinding('The stored access token is damaged.', cureOf('Get a new one', 'acs-env refresh'))]
      : []),
    ...(connectionString !== undefined && isMistake(connectionString)
      ? [errorFinding('The stored connection string is damaged.', cureOf('Store it again', 'acs-env setup'))]
      : []),
  ]
}
