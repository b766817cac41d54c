import type { Secret } from '../../secret.ts'
import { directoriesOf, parkedVariables } from '../../store/change/parking.ts'
import { identitiesAfter } from '../../store/identities.ts'
import type { StoreRequest, ToCome } from '../../store/plan.ts'
import { currentName } from '../../store/resources.ts'
import { storedEndpoint } from '../../store/stored-token.ts'
import type { Issued, Stored } from '../../store/stored.ts'

/** A token in the place of one that was over. */
export interface RenewedToken {
  readonly accessToken: Secret
  readonly issued: Issued
}

/** What is current now, and what happens to the token. */
interface Around<Missing extends ToCome> {
  readonly directory: string
  readonly found: Stored
  /** Undefined where the parked one stays. */
  readonly renewed: RenewedToken | Missing | undefined
}

/** What the store is asked for so that a parked resource becomes the current one. */
export function requestForUse<Missing extends ToCome>(
  name: string,
  parked: Stored,
  { directory, found, renewed }: Around<Missing>,
): StoreRequest<Missing> {
  const token = typeof renewed === 'object' ? renewed : undefined
  const hasValues = found.connectionString !== undefined || found.accessToken !== undefined
  const endpoint = storedEndpoint(parked)
  return {
    connectionString: parked.connectionString,
    accessToken: typeof renewed === 'string' ? renewed : (token?.accessToken ?? parked.accessToken),
    variables: parkedVariables(parked),
    earlier: found.state,
    issued: token?.issued ?? parked.state.issued,
    createdDirectories: directoriesOf(found.state, parked.state),
    otherResource: true,
    remembered: {
      name,
      identities: identitiesAfter(found).filter((identity) => identity.endpoint !== endpoint),
      invalidated: renewed === undefined ? parked.state.invalidated : undefined,
      seen: found.state.seen,
    },
    switch: { to: name, from: hasValues ? { name: currentName(directory, found), stored: found } : undefined },
  }
}
