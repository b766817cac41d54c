import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processorRatio } from '../../bench/helpers/measure.mjs'
import { makeHome } from '../support/homes/home.ts'
import { storeGoodPair } from '../support/homes/stored-values.ts'
import { BUILT, cleanEnvironment } from '../support/programs/built.ts'

const PAIRS = 15
/** Two dozen starts and more, on a machine that has other things to do. */
const TIMEOUT_MS = 5 * 60_000
/** What `npm run bench` holds them to, and what a busy machine may add. */
const MOST = { help: 1.25 * 1.3, refresh: 1.35 * 1.4 }

describe('compared with Node that runs nothing', () => {
  const home = makeHome()
  const env = cleanEnvironment(home.path)

  beforeAll(() => storeGoodPair(home))
  afterAll(() => home.remove())

  it('--help is hardly more work', { timeout: TIMEOUT_MS }, async () => {
    expect(await timesNode(['--help'])).toBeLessThan(MOST.help)
  })

  it('a refresh with nothing to do is hardly more work', { timeout: TIMEOUT_MS }, async () => {
    expect(await timesNode(['refresh', '--if-expires-within', '1h'])).toBeLessThan(MOST.refresh)
  })

  async function timesNode(args: readonly string[]): Promise<number> {
    const node = { path: process.execPath, env }
    const ratio = await processorRatio({ ...node, args: [BUILT, ...args] }, { ...node, args: ['-e', '0'] }, PAIRS)
    console.log(`${args[0]}: ${ratio.toFixed(2)} × Node`)
    return ratio
  }
})
