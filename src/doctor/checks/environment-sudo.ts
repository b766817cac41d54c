import { POSIX, type Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { differingHere, namesOf } from '../here.ts'

/** sudo hands on neither the user's variables nor, mostly, the home. */
export const environmentSudo: Check = {
  id: 'environment.sudo',
  fine: 'sudo keeps nothing back.',
  on: POSIX,
  run: ({ variables, system }) => {
    if (system.env.SUDO_USER === undefined) return { skipped: 'this was not started by sudo' }
    const differing = differingHere(variables, system.env)
    if (differing.length === 0) return []
    return [
      warningFinding(
        `sudo does not hand on ${listOf(namesOf(differing))}.`,
        cureOf('Run it as yourself, or within sudo with', 'acs-env exec -- CMD'),
      ),
    ]
  },
}
