import { identitiesAfter } from '../../store/identities.ts'
import type { Switch } from '../../store/plan.ts'
import {
  currentName,
  FIRST_NAME,
  freeName,
  hasCurrent,
  parkedEntries,
  parkedNames,
  readParked,
} from '../../store/resources.ts'
import { NO_STATE, type State, type Stored } from '../../store/stored.ts'
import { findResourceName } from '../../values/resource-name.ts'

/** The resource that setup speaks of. */
export interface Target {
  /** What is stored of that one. */
  readonly own: Stored
  /** What is remembered of the current one. */
  readonly current: State
  /** What it will be called; undefined as long as it is the only one, and nobody has named it. */
  readonly name: string | undefined
  /** Undefined where it is the current one already. */
  readonly switch: Switch | undefined
}

/**
 * Finds out which of the stored resources is meant, or that it is a new one.
 *
 * @param wanted the name that was given; the current one is meant where there is none
 */
export function targetOf(directory: string, found: Stored, wanted: string | undefined): Target {
  const { state } = found
  const isThere = hasCurrent(found)
  const current = isThere ? currentName(directory, found) : undefined
  if (wanted === undefined) {
    const taken = isThere ? [] : parkedEntries(directory).map(({ name }) => name)
    const first = findResourceName(FIRST_NAME, taken) === undefined ? FIRST_NAME : freeName(directory, FIRST_NAME)
    return { own: found, current: state, name: taken.length > 0 ? first : state.name, switch: undefined }
  }
  const parked = parkedNames(directory, found)
  const name = findResourceName(wanted, current === undefined ? parked : [current, ...parked]) ?? wanted
  if (name === current) return { own: found, current: state, name, switch: undefined }
  const isParked = parked.includes(name)
  const hasValues = found.connectionString !== undefined || found.accessToken !== undefined
  const stored = isParked ? readParked(directory, name) : NOTHING
  const from = current !== undefined && hasValues ? { name: current, stored: found } : undefined
  return {
    // What is known of endpoints is known for all of them.
    own: { ...stored, state: { ...stored.state, identities: identitiesAfter(found) } },
    current: state,
    name,
    switch: from === undefined && !isParked ? undefined : { to: name, from },
  }
}

const NOTHING: Stored = { connectionString: undefined, accessToken: undefined, state: NO_STATE }
