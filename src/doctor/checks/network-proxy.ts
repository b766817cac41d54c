import type { Check } from '../check.ts'
import { networkOutcome } from '../network-outcome.ts'

export const networkProxy: Check = {
  id: 'network.proxy',
  fine: 'The proxy makes connections to the service.',
  on: 'every system',
  run: (facts) => networkOutcome('proxy', facts),
}
