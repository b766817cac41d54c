import type { InspectedVariable } from '../../store/store.ts'
import { cureOf, errorFinding, type Finding } from '../finding.ts'

/** What setup was asked to store, and is not there. */
export function missingValues(variables: readonly InspectedVariable[]): readonly Finding[] {
  const missing = variables.filter(({ storedIn }) => storedIn.length === 0)
  if (missing.length === variables.length) return [errorFinding('Nothing is stored yet.', SET_UP)]
  return missing.map(({ name }) => errorFinding(`${name} is not stored.`, SET_UP))
}

const SET_UP = cureOf('Store it', 'acs-env setup')
