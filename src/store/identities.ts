import { describeStoredToken, isDeletedIdentity, storedEndpoint, storedIdentity } from './stored-token.ts'
import type { KnownIdentity, Stored } from './stored.ts'

/** The identities to remember once the stored resource is not the current one any more: its own in front of the others. */
export function identitiesAfter(found: Stored): readonly KnownIdentity[] {
  const { issued, identities } = found.state
  const stored = storedEndpoint(found)
  // The state is written last: after a run that broke off it still speaks of the resource before.
  const isBehind = issued.endpoint !== undefined && issued.endpoint !== stored
  const endpoint = isBehind ? issued.endpoint : stored
  if (endpoint === undefined) return identities
  const others = identities.filter((each) => each.endpoint !== endpoint)
  const userId = isBehind ? issued.userId : storedIdentity(found)
  if (userId === undefined || isDeletedIdentity(found.state, userId)) return others
  const scopes = isBehind ? issued.scopes : (describeStoredToken(found)?.scopes ?? issued.scopes)
  return [{ endpoint, userId, scopes, lifetimeMinutes: issued.lifetimeMinutes }, ...others]
}
