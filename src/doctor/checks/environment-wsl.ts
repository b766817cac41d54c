import type { Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf, otherHere } from '../here.ts'

/** Windows' own variables cross to the Linux side of WSL only where WSLENV names them: `NAME/u`. */
export const environmentWsl: Check = {
  id: 'environment.wsl',
  fine: 'Windows hands no other value to this side of WSL.',
  on: ['linux'],
  run: ({ variables, system }) => {
    const { WSL_DISTRO_NAME, WSLENV = '' } = system.env
    if (WSL_DISTRO_NAME === undefined) return { skipped: 'this is not WSL' }
    const handed = new Set(WSLENV.split(':').map((entry) => entry.split('/', 1)[0]))
    const other = otherHere(variables, system.env).filter(({ name }) => handed.has(name))
    if (other.length === 0) return []
    return [
      warningFinding(
        `WSLENV hands the ${listOf(namesOf(other))} of Windows to this side.`,
        cureOf('Take it out of WSLENV, or run acs-env in a Windows console too'),
      ),
    ]
  },
}
