import { describeStoredToken, isDeletedIdentity, storedEndpoint, storedIdentity } from './stored-token.ts'
import type { KnownIdentity, Stored } from './stored.ts'

/** The identities to remember once the stored resource is not the current one any more: its own in front of the others. */
export function identitiesAfter(found: Stored): readonly KnownIdentity[] {
  const { issued, identities } = found.state
  const endpoint = storedEndpoint(found)
  // The state is written last, so after a run that broke off it may still speak of another resource.
  if (endpoint === undefined || (issued.endpoint !== undefined && issued.endpoint !== endpoint)) return identities
  const others = identities.filter((each) => each.endpoint !== endpoint)
  const userId = storedIdentity(found)
  if (userId === undefined || isDeletedIdentity(found.state, userId)) return others
  const scopes = describeStoredToken(found)?.scopes ?? issued.scopes
  return [{ endpoint, userId, scopes, lifetimeMinutes: issued.lifetimeMinutes }, ...others]
}
