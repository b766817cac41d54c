import { expect, it } from 'vitest'
import { readBackProperty } from '../../test/support/arbitraries/values-in-shells.ts'
import { byLength } from '../support/campaign.ts'
import { runProperties } from '../support/properties.ts'

it('what shells read back is what was stored', async () => {
  const properties = (['files', 'inline'] as const).map((form) => ({
    title: `with ${form} every shell reads what was stored`,
    runs: byLength(6, 60),
    ...readBackProperty(form, 100),
  }))
  await expect(runProperties('properties of values in shells', properties)).resolves.toBeUndefined()
})
