import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { programsInPairs } from '../../bench/helpers/measure.mjs'
import { BUILT, cleanEnvironment } from '../support/built.ts'
import { makeHome } from '../support/home.ts'
import { storeGoodPair } from '../support/stored-values.ts'

const PAIRS = 15
/** What `npm run bench` holds them to, and as much again as a busy machine may add. */
const MOST = { help: 1.25 * 1.3, refresh: 2 * 1.3 }

describe('compared with Node that runs nothing', () => {
  const home = makeHome()
  const env = cleanEnvironment(home.path)

  beforeAll(() => storeGoodPair(home))
  afterAll(() => home.remove())

  it('--help takes hardly longer', () => {
    expect(timesNode(['--help'])).toBeLessThan(MOST.help)
  })

  it('a refresh with nothing to do takes hardly longer', () => {
    expect(timesNode(['refresh', '--if-expires-within', '1h'])).toBeLessThan(MOST.refresh)
  })

  /** The fastest runs are compared: whatever else the machine does can only make a run slower. */
  function timesNode(args: readonly string[]): number {
    const program = { path: process.execPath, args: [BUILT, ...args], env }
    const { fastestRatio } = programsInPairs(program, { path: process.execPath, args: ['-e', '0'], env }, PAIRS)
    console.log(`${args[0]}: ${fastestRatio.toFixed(2)} × Node`)
    return fastestRatio
  }
})
