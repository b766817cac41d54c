import { digestOf, storedEndpoint } from '../../store/stored-token.ts'
import type { Stored } from '../../store/stored.ts'
import { printable } from '../../text/printable.ts'
import { cureOf, errorFinding, type Finding } from '../finding.ts'

/** One resource's key beside another's token; only of the token that was issued is it known whose it is. */
export function mixedPair(found: Stored): readonly Finding[] {
  const {
    accessToken,
    state: { issued },
  } = found
  const endpoint = storedEndpoint(found)
  if (endpoint === undefined || issued.endpoint === undefined || endpoint === issued.endpoint) return []
  if (accessToken === undefined || digestOf(accessToken) !== issued.tokenDigest) return []
  const [issuer = '', other = ''] = [issued.endpoint, endpoint].map((url) =>
    printable(url.replace(/^\w+:\/\/|\/$/g, '')),
  )
  const message = `The access token is one of ${issuer}, the connection string one of ${other}.`
  return [errorFinding(message, cureOf('Get a token for the connection string', 'acs-env setup'))]
}
