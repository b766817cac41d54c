import type { Check } from '../check.ts'
import { networkOutcome } from '../network-outcome.ts'

export const networkConnection: Check = {
  id: 'network.connection',
  fine: 'The service can be reached.',
  on: 'every system',
  run: (facts) => networkOutcome('connection', facts),
}
