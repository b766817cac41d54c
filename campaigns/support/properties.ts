import * as fc from 'fast-check'
import { reportCampaign, seed } from './campaign.ts'

/** A counterexample may be a large profile. */
const LONGEST_REPORT = 4_000

/** A property, how often it is tried, and how many cases it counts for where a try has several. */
export interface CountedProperty {
  readonly title: string
  readonly property: fc.IRawProperty<unknown>
  readonly runs: number
  readonly count?: () => number
}

/** Tries each property, prints the seed and how many cases there were, and throws with what does not hold. */
export async function runProperties(name: string, properties: readonly CountedProperty[]): Promise<void> {
  const started = performance.now()
  const failures: string[] = []
  let cases = 0
  for (const { title, property, runs, count } of properties) {
    const result = await fc.check(property, { numRuns: runs, seed, includeErrorInReport: true })
    cases += count?.() ?? result.numRuns
    if (result.failed) failures.push(`${title}: ${fc.defaultReportMessage(result)}`.slice(0, LONGEST_REPORT))
  }
  reportCampaign(`${name} (seed ${seed})`, cases, failures.length, performance.now() - started)
  if (failures.length > 0) throw new Error(failures.join('\n\n'))
}
