import { afterAll, beforeAll } from 'vitest'
import { startResources, type Resources } from '../../test/support/homes/resources.ts'
import { makeBenches, type Bench } from './bench.ts'
import { createJudge, type Judge } from './judge.ts'

/** For all cases of the file that imports this. */
export let resources: Resources
export let judge: Judge
export let benches: readonly Bench[]

beforeAll(async () => {
  resources = await startResources()
  judge = createJudge(resources)
  benches = await makeBenches(resources, judge)
})
afterAll(() => {
  for (const { template } of benches) template.remove()
  return resources.close()
})
