import type { Check } from '../check.ts'
import { networkOutcome } from '../network-outcome.ts'

export const networkTls: Check = {
  id: 'network.tls',
  fine: 'The certificate of the service is accepted.',
  on: 'every system',
  run: (facts) => networkOutcome('tls', facts),
}
