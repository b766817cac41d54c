import { attempt } from '../../errors.ts'
import { requireNoLaterState } from '../../store/state.ts'
import type { Check } from '../check.ts'
import { cureOf, errorFinding, upperFirst } from '../finding.ts'

/** What a later version has written this one cannot read, and does not overwrite. */
export const versionState: Check = {
  id: 'version.state',
  fine: 'This version can read what is remembered.',
  on: 'every system',
  run: async ({ directory, home }) => {
    const read = await attempt(async () => requireNoLaterState(directory, home))
    if (read.kind === 'done') return []
    const { message, hint } = read.error
    return [errorFinding(message, hint === undefined ? undefined : cureOf(upperFirst(hint)))]
  },
}
