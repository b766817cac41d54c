import type { Inspection } from '../../store/store.ts'
import type { Check } from '../check.ts'
import { cureOf, errorFinding, type Finding } from '../finding.ts'

/** What the start-up files and the files with the values say themselves: a block that is gone, or rights that are too wide. */
function loadingProblems({ problems, obstacles }: Inspection): readonly Finding[] {
  return [
    ...problems.map((problem) => errorFinding(problem, cureOf('Put it right', 'acs-env setup'))),
    // They say themselves what to do.
    ...obstacles.map((obstacle) => errorFinding(obstacle)),
  ]
}

export const storeLoading: Check = {
  id: 'store.loading',
  fine: 'The start-up files load what is stored.',
  on: 'every system',
  run: ({ inspection }) => loadingProblems(inspection),
}
