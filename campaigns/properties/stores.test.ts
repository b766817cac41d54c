import { expect, it } from 'vitest'
import { storeProperties } from '../../test/support/arbitraries/store-property.ts'
import { byLength } from '../support/campaign.ts'
import { runProperties } from '../support/properties.ts'

const RUNS: Readonly<Record<keyof typeof storeProperties, number>> = {
  'a store in any home': byLength(400, 4_000),
  'a store in a home with large profiles': byLength(4, 40),
}

it('setup, refresh and unset on real files', async () => {
  const properties = Object.entries(storeProperties).map(([title, property]) => ({
    title,
    property,
    runs: RUNS[title as keyof typeof storeProperties],
  }))
  await expect(runProperties('properties of stores', properties)).resolves.toBeUndefined()
})
