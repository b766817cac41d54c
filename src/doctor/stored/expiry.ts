import { tokenEnd, type StoredToken, type TokenEnd } from '../../store/stored-token.ts'
import { cureOf, errorFinding, type Finding } from '../finding.ts'

const ENDED: Readonly<Record<TokenEnd, Finding>> = {
  expired: errorFinding('The access token has expired.', cureOf('Renew it', 'acs-env refresh')),
  revoked: errorFinding('The access token was revoked.', cureOf('Get a new one', 'acs-env refresh')),
  deleted: errorFinding(
    'The identity of the access token was deleted.',
    cureOf('Get a token for a new one', 'acs-env setup --new-user'),
  ),
}

/** That the stored token is of no use any more. */
export function endedToken(token: StoredToken | undefined, now: Date): readonly Finding[] {
  const end = token && tokenEnd(token, now)
  return end === undefined ? [] : [ENDED[end]]
}
