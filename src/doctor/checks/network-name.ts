import type { Check } from '../check.ts'
import { networkOutcome } from '../network-outcome.ts'

export const networkName: Check = {
  id: 'network.name',
  fine: 'The name of the service is known.',
  on: 'every system',
  run: (facts) => networkOutcome('name', facts),
}
