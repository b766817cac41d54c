import { peakMemoryMb } from '../helpers/measure.mjs'
import { acsEnv, bareNode, handWritten, setup } from '../helpers/programs.mjs'
import { makeHome } from '../helpers/world.mjs'

const RUNS = 7

/** The most memory at once. @param {import('../run.mjs').Bench} bench */
export function* memory({ nodes: [node], service }) {
  const home = makeHome()
  const row = (name, program, limit) => ({
    name: `peak memory, ${name}`,
    node: node.version,
    value: peakMemoryMb(program, RUNS),
    unit: 'MB',
    limit,
  })
  yield row('--help', acsEnv(node, home, ['--help']), 42)
  yield row('setup', setup(node, service), 52)
  yield row('node -e 0', bareNode(node, home))
  yield row('the hand-written client', handWritten(node, service))
}
