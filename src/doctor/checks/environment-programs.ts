import { printable } from '../../text/printable.ts'
import { readTokenClaims } from '../../values/token-claims.ts'
import type { Check } from '../check.ts'
import type { StoredVariable } from '../facts.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf, otherIn } from '../here.ts'
import { findProgramsOf, isShell, type RunningProgram } from '../processes.ts'

const MOST_NAMED = 4
/** Of their own. */
const HAVE_CHECKS = /^(?:tmux|screen)\b/i
/** Programs that were started before the values changed and work with the old ones, such as a server in development. */
export const environmentPrograms: Check = {
  id: 'environment.programs',
  fine: 'No running program has an old value.',
  on: ['linux'],
  run: async ({ home, variables, system, ancestors }) => {
    if (home === undefined || variables.length === 0) return { skipped: 'nothing is stored' }
    const ours = [system.processId, ...(await ancestors()).map(({ processId }) => processId)]
    // A shell may have loaded other values since it began, and what it starts is looked at itself.
    const programs = findProgramsOf(home, namesOf(variables), system)
      .filter(({ processId, name }) => !ours.includes(processId) && !isShell(name) && !HAVE_CHECKS.test(name))
      .map((program) => ({ program, old: oldValues(program, variables, system.now()) }))
      .filter(({ old }) => old.length > 0)
    if (programs.length === 0) return []
    const shown = programs
      .slice(0, MOST_NAMED)
      .map(({ program: { name, processId } }) => `${printable(name)} (process ${processId})`)
    const more = programs.length - shown.length
    const who = listOf(more > 0 ? [...shown, `${more} more`] : shown)
    const names = listOf([...new Set(programs.flatMap(({ old }) => namesOf(old)))])
    const verb = programs.length === 1 ? 'works' : 'work'
    return [
      warningFinding(
        `${who} ${verb} with another value in ${names} than the stored one.`,
        cureOf('Start it again from a new shell, or with', 'acs-env exec -- CMD'),
      ),
    ]
  },
}

/** An older token that is still good is no fault. */
function oldValues({ environment }: RunningProgram, variables: readonly StoredVariable[], now: Date) {
  if (environment === undefined) return []
  return otherIn(variables, environment).filter(({ name }) => {
    const expiresOn = readTokenClaims(environment.get(name)?.reveal() ?? '')?.expiresOn
    return expiresOn === undefined || expiresOn <= now
  })
}
