import { peakMemoryMb } from '../helpers/measure.mjs'
import { acsEnv, bareNode, handWritten, setup, storedHome } from '../helpers/programs.mjs'
import { makeHome } from '../helpers/world.mjs'

/** @typedef {import('../helpers/report.mjs').Row} Row */

const RUNS = 7

/** The most memory at once. @param {import('../run.mjs').Bench} bench @returns {Generator<Row>} */
export function* memory({ nodes: [node], service }) {
  const home = makeHome()
  /** @type {(name: string, program: import('../helpers/measure.mjs').Program, limit?: number) => Row} */
  const row = (name, program, limit) => ({
    name: `peak memory, ${name}`,
    node: node.version,
    value: peakMemoryMb(program, RUNS),
    unit: 'MB',
    limit,
  })
  yield row('--help', acsEnv(node, home, ['--help']), 40)
  yield row('status', acsEnv(node, storedHome(node, service), ['status']), 42)
  yield row('setup', setup(node, service), 52)
  yield row('node -e 0', bareNode(node, home))
  yield row('the hand-written client', handWritten(node, service))
}
