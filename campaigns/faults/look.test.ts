import { describe, expect, it } from 'vitest'
import { startResources } from '../../test/support/homes/resources.ts'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { byLength, runCampaign } from '../support/campaign.ts'
import { changingPart, describeCase, makeLookingBenches, runCase, type Case } from './bench.ts'
import { createJudge } from './judge.ts'
import type { Call } from './strace.ts'

describe.skipIf(!hasProgram('strace', '-V'))('a setup that opens new shells', () => {
  it('has every file old or new after kill -9, and after a call that fails', async () => {
    const resources = await startResources()
    const judge = createJudge(resources)
    const benches = await makeLookingBenches(resources, judge)
    const cases = benches.flatMap((bench) =>
      // What comes before the look is the same as without it.
      byLength(fromTheEnd(bench.calls, 8), changingPart(bench.calls)).flatMap((call): readonly Case[] => [
        { bench, fault: { call, kind: 'KILL' } },
        ...(call.changes ? [{ bench, fault: { call, kind: 'EIO' as const } }] : []),
      ]),
    )
    const options = { describe: describeCase, run: (item: Case) => runCase(item, judge, resources) }
    await expect(runCampaign('faults, with new shells', cases, options)).resolves.toBeUndefined()
    for (const { template } of benches) template.remove()
    await resources.close()
  })
})

/** The last calls that change something. */
function fromTheEnd(calls: readonly Call[], count: number): readonly Call[] {
  return calls.filter(({ changes }) => changes).slice(-count)
}
