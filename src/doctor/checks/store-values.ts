import type { Check } from '../check.ts'
import { missingValues } from '../stored/values.ts'

export const storeValues: Check = {
  id: 'store.values',
  fine: 'Everything that setup was asked to store is there.',
  on: 'every system',
  run: ({ inspection }) => missingValues(inspection.variables),
}
