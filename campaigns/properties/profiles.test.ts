import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { blockProperties } from '../../test/support/arbitraries/block-properties.ts'
import { bashJudge, coverProperty } from '../../test/support/bash-judge.ts'
import { composed, soup } from '../../test/support/script-arbitraries.ts'
import { stretchProperty } from '../../test/support/stretch-property.ts'
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

it('the lines of any script, as bash reads them', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'acs-env-properties-'))
  const { topLevelProperty } = bashJudge(directory)
  const [ofParts, ofSoup] = [topLevelProperty(composed()), topLevelProperty(soup())]
  const runs = byLength(200, 2_000)
  const properties = [
    { title: 'the lines are the text', property: coverProperty, runs: byLength(3_000, 30_000) },
    { title: 'what is taken in one go changes nothing', property: stretchProperty, runs: byLength(20_000, 200_000) },
    { title: 'a top-level line is one to bash in any profile of known parts', property: ofParts.property, runs },
    { title: 'a top-level line is one to bash in any soup', property: ofSoup.property, runs },
  ]
  await expect(runProperties('properties of the lines', properties)).resolves.toBeUndefined()
  expect(Math.min(ofParts.judged(), ofSoup.judged())).toBeGreaterThan(runs / 3)
  rmSync(directory, { recursive: true })
})
