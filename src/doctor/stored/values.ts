import type { InspectedVariable } from '../../store/store.ts'
import type { Check } from '../check.ts'
import { cureOf, errorFinding, type Finding } from '../finding.ts'

/** What setup was asked to store, and is not there. */
export function missingValues(variables: readonly InspectedVariable[]): readonly Finding[] {
  const missing = variables.filter(({ storedIn }) => storedIn.length === 0)
  if (missing.length === variables.length) return [errorFinding('Nothing is stored yet.', SET_UP)]
  return missing.map(({ name }) => errorFinding(`${name} is not stored.`, SET_UP))
}

const SET_UP = cureOf('Store it', 'acs-env setup')

export const storedValues: Check = {
  id: 'store.values',
  fine: 'Everything that setup was asked to store is there.',
  on: 'every system',
  run: ({ inspection }) => missingValues(inspection.variables),
}
