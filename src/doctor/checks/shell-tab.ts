import type { Check } from '../check.ts'
import { shellOutcome } from '../shell-outcome.ts'

/** What a new shell that is no login shell hands on to programs, as most terminals of Linux start it. */
export const shellTab: Check = {
  id: 'shell.tab',
  fine: 'New terminal tabs have what is stored.',
  on: 'every system',
  run: async ({ newShells }) => shellOutcome('interactive', await newShells()),
}
