import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { describeRubbish, judgeRubbish, rubbishCase } from '../../test/support/arbitraries/rubbish.ts'
import { byLength, runCampaign, seed } from '../support/campaign.ts'

it('rubbish around the built program is never a bug, and nothing waits for it', async () => {
  const cases = fc.sample(rubbishCase, { numRuns: byLength(100, 5_000), seed })
  await expect(
    runCampaign(`rubbish (seed ${seed})`, cases, { describe: describeRubbish, run: judgeRubbish }),
  ).resolves.toBeUndefined()
})
