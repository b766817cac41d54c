import { currentName, hasCurrent, parkedNames, tryReadParked } from '../../store/resources.ts'
import { describeStoredToken, storedEndpoint } from '../../store/stored-token.ts'
import type { Stored } from '../../store/stored.ts'

/** A stored resource at a glance; what cannot be read of it is undefined. */
export interface ListedResource {
  readonly name: string
  readonly isCurrent: boolean
  readonly host: string | undefined
  readonly expiresOn: Date | undefined
}

/** Every stored resource, the current one first. */
export function listResources(directory: string, found: Stored): readonly ListedResource[] {
  const parked = parkedNames(directory, found).map((name) => {
    const stored = tryReadParked(directory, name)
    return listed(name, 'problem' in stored ? undefined : stored, false)
  })
  return hasCurrent(found) ? [listed(currentName(directory, found), found, true), ...parked] : parked
}

function listed(name: string, stored: Stored | undefined, isCurrent: boolean): ListedResource {
  const endpoint = stored && storedEndpoint(stored)
  return {
    name,
    isCurrent,
    host: endpoint === undefined || !URL.canParse(endpoint) ? undefined : new URL(endpoint).host,
    expiresOn: stored && describeStoredToken(stored)?.expiresOn,
  }
}
