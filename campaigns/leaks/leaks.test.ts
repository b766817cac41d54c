import { it } from 'vitest'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { runCampaign } from '../support/campaign.ts'
import { leakCases } from './cases.ts'
import { runCase } from './fixture.ts'

it.skipIf(!hasProgram('strace', '-V'))('no secret gets to a place that is not its own', async () => {
  const only = process.env.ACS_ENV_ONLY
  const cases = leakCases.filter(({ name }) => only === undefined || name.includes(only))
  await runCampaign('leaks', cases, { describe: ({ name }) => name, run: runCase, parallel: 5 })
})
