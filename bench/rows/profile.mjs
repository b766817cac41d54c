import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { inPairs } from '../helpers/measure.mjs'
import { profileOf, scratch } from '../helpers/world.mjs'

/** @typedef {import('../helpers/report.mjs').Row} Row */
/** @typedef {import('../helpers/measure.mjs').Comparison} Comparison */
/** @typedef {() => void | Promise<void>} Work */

const YARDSTICKS = join(import.meta.dirname, '../yardsticks')
const LIMIT = 1.3
const SIZES = [
  { name: '10 KB', bytes: 10_000, pairs: 40 },
  { name: '1 MB', bytes: 1_000_000, pairs: 20 },
  { name: '10 MB', bytes: 10_000_000, pairs: 12 },
]

/** Putting the block into profiles of every size, in process. @returns {AsyncGenerator<Row>} */
export async function* profiles() {
  const require = createRequire(import.meta.url)
  /** @type {typeof import('../yardsticks/profile-entry.ts')} */
  const ours = require(await bundle())
  /** @type {typeof import('../yardsticks/splice.cjs')} */
  const { splice, spliceWithChecks } = require(join(YARDSTICKS, 'splice.cjs'))
  const home = join(scratch, 'profiles')
  mkdirSync(home, { mode: 0o700 })
  const path = join(home, '.bash_profile')

  /** @type {Comparison[]} */
  const growth = []
  for (const { name, bytes, pairs } of SIZES) {
    const contents = profileOf(bytes)
    const wanted = Buffer.concat([Buffer.from(ours.block), contents])
    /** @param {Work} work @param {Buffer} [after] the profile then */
    const timed = (work, after = wanted) => {
      return async () => {
        writeFileSync(path, contents)
        const started = performance.now()
        await work()
        const elapsedMs = performance.now() - started
        if (!readFileSync(path).equals(after)) throw new Error('The profile is not what it was to become.')
        return elapsedMs
      }
    }
    const yardstick = timed(() => spliceWithChecks(path, ours.block))
    const against = 'a splice that makes the same checks'
    /** @type {(what: string, work: Work, limit?: number, after?: Buffer) => Promise<Row & { comparison: Comparison }>} */
    const row = async (what, work, limit, after) => {
      const comparison = await inPairs(timed(work, after), yardstick, pairs)
      return { name: `${what}, ${name}`, against, value: comparison.ratio, unit: '×', limit, comparison }
    }
    const whole = await row('storing into a profile', () => ours.planAndStore(path, home), LIMIT)
    growth.push(whole.comparison)
    yield whole
    yield await row('a splice that checks nothing', () => splice(path, ours.block))
    yield await row('… of that without looking for lines that matter', () => ours.store(path))
    yield await row('… of that looking for them alone', () => ours.scan(path), undefined, contents)
  }

  const [, small, large] = growth
  if (small === undefined || large === undefined) throw new Error('There are three sizes.')
  const value = large.subjectMs / small.subjectMs / (large.yardstickMs / small.yardstickMs)
  yield { name: 'growth from 1 to 10 MB', against: 'its growth', value, unit: '×', limit: 1 }
}

/** The program's own modules, as Node 20 can load them. */
async function bundle() {
  const file = join(scratch, 'profile.cjs')
  const build = await rolldown({ input: join(YARDSTICKS, 'profile-entry.ts'), platform: 'node' })
  await build.write({ file, format: 'cjs' })
  await build.close()
  return file
}
