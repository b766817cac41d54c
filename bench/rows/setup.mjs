import { programsInPairs } from '../helpers/measure.mjs'
import { handWritten, setup } from '../helpers/programs.mjs'

const LIMITS = { 20: 1.2, 22: 1.3, 24: 1.3 }
const FAR_LIMIT = 1.05

/** Issuing and storing. @param {import('../run.mjs').Bench} bench */
export function* setups({ nodes, rounds, service }) {
  const against = 'the hand-written client'
  for (const node of nodes) {
    const comparison = programsInPairs(setup(node, service), handWritten(node, service), rounds)
    const limit = LIMITS[node.major]
    yield { name: 'setup', node: node.version, against, value: comparison.ratio, unit: '×', limit, comparison }
  }
  const [node] = nodes
  const far = service.farConnectionString
  const comparison = programsInPairs(setup(node, service, far), handWritten(node, service, far), rounds)
  const name = 'setup, 40 ms round trip'
  yield { name, node: node.version, against, value: comparison.ratio, unit: '×', limit: FAR_LIMIT, comparison }
}
