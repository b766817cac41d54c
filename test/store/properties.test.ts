import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { storeProperties } from '../support/arbitraries/store-property.ts'

/** A light form of the campaign's. */
it.each([
  ['a store in any home', 30],
  ['a store in a home with large profiles', 1],
] as const)('%s', async (title, numRuns) => {
  await expect(fc.assert(storeProperties[title], { numRuns })).resolves.toBeUndefined()
})
