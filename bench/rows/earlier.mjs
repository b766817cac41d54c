import { programsInPairs } from '../helpers/measure.mjs'
import { acsEnv, issue, setup, storedHome } from '../helpers/programs.mjs'

/** @typedef {import('../helpers/measure.mjs').Program} Program */
/** @typedef {import('../helpers/report.mjs').Row} Row */

/** What runs every day must not take more than this times as long as it did. */
const LIMIT = 1.05

/**
 * This build against an earlier one, in turn.
 *
 * @param {import('../run.mjs').Bench} bench
 * @param {{ ref: string, script: string }} earlier
 * @returns {AsyncGenerator<Row>}
 */
export async function* againstEarlier({ nodes: [node], rounds, service }, { ref, script }) {
  const home = storedHome(node, service)
  /** @type {(...args: string[]) => (build?: string) => Program} */
  const reading =
    (...args) =>
    (build) =>
      acsEnv(node, home, args, build)
  /** @type {Readonly<Record<string, (build?: string) => Program>>} */
  const commands = {
    '--help': reading('--help'),
    '--version': reading('--version'),
    'a bad option': (build) => ({ ...acsEnv(node, home, ['issue', '--zyzzyva'], build), exitCode: 2 }),
    status: reading('status'),
    'refresh with nothing to do': reading('refresh', '--if-expires-within', '1h'),
    token: reading('token'),
    'exec -- true': reading('exec', '--', 'true'),
    setup: (build) => setup(node, service, service.connectionString, build),
    issue: (build) => issue(node, service, build),
  }
  for (const [name, program] of Object.entries(commands)) {
    const comparison = await programsInPairs(program(), program(script), rounds)
    yield {
      name,
      node: node.version,
      against: ref,
      value: comparison.ratio,
      unit: '×',
      limit: LIMIT,
      tolerance: 1,
      comparison,
    }
  }
}
