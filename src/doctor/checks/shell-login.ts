import type { Check } from '../check.ts'
import { shellOutcome } from '../shell-outcome.ts'

/** What a new login shell hands on to programs, as the terminals of macOS, `ssh` and log-ins start it. */
export const shellLogin: Check = {
  id: 'shell.login',
  fine: 'New login shells have what is stored.',
  on: 'every system',
  run: async ({ newShells }) => shellOutcome('login', await newShells()),
}
