import { describe, expect, it } from 'vitest'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { byLength, runCampaign, seed } from '../support/campaign.ts'
import { changingPart, describeCase, runCase, type Case } from './bench.ts'
import { benches, judge, resources } from './prepared.ts'
import { ERRNOS, wrongOrder, type Call } from './strace.ts'

describe.skipIf(!hasProgram('strace', '-V'))('faults in system calls', () => {
  const campaign = (name: string, cases: readonly Case[]): Promise<void> =>
    runCampaign(name, cases, { describe: describeCase, run: (item) => runCase(item, judge, resources) })

  it('has every file old or new after kill -9 at each call', async () => {
    // A kill before a call that only reads leaves what the one before the next change leaves.
    const at = (calls: readonly Call[]): readonly Call[] =>
      byLength(
        changingPart(calls).filter(({ changes }) => changes),
        changingPart(calls),
      )
    const cases = benches.flatMap((bench) =>
      at(bench.calls).map((call): Case => ({ bench, fault: { call, kind: 'KILL' } })),
    )
    await expect(campaign('faults, kill -9', cases)).resolves.toBeUndefined()
  })

  it('fails with a sentence, or not at all, where a call fails', async () => {
    const all = benches.flatMap((bench) =>
      bench.calls.flatMap((call) => ERRNOS.map((kind): Case => ({ bench, fault: { call, kind } }))),
    )
    const changes = ({ fault }: Case): boolean => fault.call.changes
    const cases = byLength(
      [
        ...sample(all.filter(changes), 120),
        ...sample(
          all.filter((item) => !changes(item)),
          80,
        ),
      ],
      all,
    )
    console.log(`errors: ${cases.length} of ${all.length} cases, seed ${seed}`)
    await expect(campaign('faults, one call fails', cases)).resolves.toBeUndefined()
  })

  it('keeps the values together where calls go on failing', async () => {
    const all = benches.flatMap((bench) =>
      bench.calls
        .filter(({ changes }) => changes)
        .flatMap((call) =>
          (['ENOSPC', 'EIO'] as const).map((kind) => ({ bench, fault: { call, kind, lasting: true } })),
        ),
    )
    await expect(campaign('faults, calls go on failing', byLength(sample(all, 60), all))).resolves.toBeUndefined()
  })

  it('says so where the disk lost a value that it took', async () => {
    const lost = ({ name, text }: Call): boolean => name === 'pwrite64' && /access-token|connection-string/.test(text)
    const cases = benches.flatMap((bench) =>
      bench.calls.filter(lost).map((call): Case => ({ bench, fault: { call, kind: 'LOST' } })),
    )
    await expect(campaign('faults, a write is lost', cases)).resolves.toBeUndefined()
  })

  it('forces every file to disk before it takes another’s place, and the directory afterwards', () => {
    for (const { scenario, calls } of benches) {
      console.log(
        `${scenario.name}: ${calls.length} calls, ${calls.filter(({ changes }) => changes).length} that change`,
      )
      expect(calls.filter(({ name }) => name === 'rename' || name === 'unlink').length).toBeGreaterThan(2)
      expect([scenario.name, wrongOrder(calls)]).toEqual([scenario.name, []])
    }
  })
})

/** So many of them, spread over all by the seed. */
function sample<Item>(items: readonly Item[], size: number): readonly Item[] {
  const step = items.length / Math.min(size, items.length)
  const offset = seed % Math.ceil(step)
  return Array.from({ length: Math.min(size, items.length) }, (_, index) => {
    return items[(Math.floor(index * step) + offset) % items.length]
  }).filter((item) => item !== undefined)
}
