import { expect, it } from 'vitest'
import { blockProperties } from '../../test/support/arbitraries/block-properties.ts'
import { literalExportsProperty } from '../../test/support/arbitraries/literal-exports-property.ts'
import { composed, phrases, soup } from '../../test/support/arbitraries/script-arbitraries.ts'
import { byLength } from '../support/campaign.ts'
import { runProperties } from '../support/properties.ts'

it('the block in any bytes', async () => {
  const properties = Object.entries(blockProperties).map(([title, property]) => ({
    title,
    property,
    runs: byLength(2_500, 25_000),
  }))
  expect(properties.length).toBeGreaterThanOrEqual(7)
  await expect(runProperties('properties of the block', properties)).resolves.toBeUndefined()
})

it('what is taken over of any script, as bash and zsh read it', async () => {
  const runs = byLength(50, 1_000)
  const cases = (['bash', 'zsh'] as const).flatMap((shell) =>
    Object.entries({ 'known parts': composed(), phrases: phrases(), soup: soup() }).map(([title, scripts]) => ({
      title: `${shell} runs what is taken over in ${title} as a statement`,
      runs,
      ...literalExportsProperty(shell, scripts),
    })),
  )
  await expect(runProperties('properties of exports that are taken over', cases)).resolves.toBeUndefined()
  expect(Math.min(...cases.map(({ taken }) => taken()))).toBeGreaterThan(runs / 20)
})
