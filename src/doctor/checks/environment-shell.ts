import type { Activation } from '../../store/store.ts'
import { printable } from '../../text/printable.ts'
import { formatClock } from '../../text/time.ts'
import type { Check } from '../check.ts'
import type { Facts, StoredVariable } from '../facts.ts'
import { cureOf, listOf, warningFinding, type Cure } from '../finding.ts'
import { differingHere, namesOf, originOf } from '../here.ts'
import { isShell, type RunningProgram } from '../processes.ts'

/** Whether the shell that this was started from has what is stored; if not, why. */
export const environmentShell: Check = {
  id: 'environment.shell',
  fine: 'This shell has what is stored.',
  on: 'every system',
  run: async ({ variables, system, ancestors, description }) => {
    const differing = differingHere(variables, system.env)
    if (differing.length === 0) return variables.length === 0 ? { skipped: 'nothing is stored' } : []
    const programs = await ancestors()
    const isMissing = ({ name }: StoredVariable): boolean => system.env[name] === undefined
    const groups = [differing.filter(isMissing), differing.filter((variable) => !isMissing(variable))]
    return groups.flatMap((group) =>
      group.length === 0
        ? []
        : [warningFinding(`${sentence(group, programs, system)}.`, activationCure(description.activation))],
    )
  },
}

function sentence(
  group: readonly StoredVariable[],
  programs: readonly RunningProgram[],
  { env }: Facts['system'],
): string {
  const names = listOf(namesOf(group))
  const [first] = group
  const isMissing = first === undefined || env[first.name] === undefined
  const since = new Date(Math.max(...group.map(({ storedAt }) => storedAt?.getTime() ?? Number.NaN)))
  const startedAt = shellAround(programs)?.startedAt
  if (startedAt !== undefined && startedAt < since) {
    const stored = group.length === 1 ? 'stored value is' : 'stored values are'
    const [began, written] = [formatClock(startedAt), formatClock(since)]
    // To the minute both may be the same.
    const times = `it began on ${began}, ${began === written ? 'just before that was stored' : `and the ${stored} of ${written}`}`
    return isMissing ? `This shell does not have ${names} yet: ${times}` : `This shell has an older ${names}: ${times}`
  }
  if (isMissing) return `This shell does not have ${names}`
  const origin = originOf(first.name, programs, env)
  const from = origin === undefined ? '' : `; ${printable(origin.name)} (process ${origin.processId}) handed it on`
  return `This shell has another value in ${names} than the stored one${from}`
}

/** npm, npx and their like start programs by way of a shell. */
const JAVASCRIPT_RUNTIME = /(?:^|\/)(?:node|bun)$/

/** The shell that the user typed in. */
function shellAround(programs: readonly RunningProgram[]): RunningProgram | undefined {
  return programs.find(
    ({ name }, index) => isShell(name) && !JAVASCRIPT_RUNTIME.test(programs[index + 1]?.paths[0] ?? ''),
  )
}

function activationCure(activation: Activation): Cure {
  if (activation.kind === 'command') return cureOf('Load what is stored', activation.text)
  if (activation.kind === 'new-terminal') return cureOf('Open a new terminal')
  return cureOf('Open a new console, or load what is stored here', activation.here)
}
