import { POSIX, type Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf, otherHere, otherIn } from '../here.ts'
import { readProcess } from '../processes.ts'

/** GNU screen keeps the environment that its session began with. STY begins with the process id of its server. */
export const environmentScreen: Check = {
  id: 'environment.screen',
  fine: 'The screen session has no old value.',
  on: POSIX,
  run: ({ variables, system }) => {
    const { STY } = system.env
    if (STY === undefined) return { skipped: 'this shell is in no session of screen' }
    const environment = readProcess(Number.parseInt(STY, 10), namesOf(variables), system)?.environment
    const other = namesOf(
      environment === undefined ? otherHere(variables, system.env) : otherIn(variables, environment),
    )
    if (other.length === 0) return []
    return [
      warningFinding(
        `The screen session has another value in ${listOf(other)} than the stored one, for windows whose shell reads no start-up file.`,
        cureOf('Take it out, then open new windows', ...other.map((name) => `screen -X unsetenv ${name}`)),
      ),
    ]
  },
}
