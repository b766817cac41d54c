import { median, run } from '../helpers/measure.mjs'
import { issue } from '../helpers/programs.mjs'

/** @typedef {import('../helpers/measure.mjs').Program} Program */
/** @typedef {import('../helpers/report.mjs').Row} Row */

const LIMIT_MS = 1000
const RUNS = 5
/** A port that nothing listens on. */
const NOBODY = 'endpoint=https://localhost:1/;accesskey=c2VjcmV0'

/** How soon a failure is reported. @param {import('../run.mjs').Bench} bench @returns {Generator<Row>} */
export function* failures({ nodes: [node], service }) {
  /** @type {Program['check']} */
  const check = ({ stderr }) => {
    if (!/^error: .* refused the connection/.test(stderr)) throw new Error(`Unexpected: ${stderr}`)
  }
  /** @type {Program} */
  const program = { ...issue(node, service), input: NOBODY, exitCode: 1, check }
  const value = median(Array.from({ length: RUNS }, () => run(program).elapsedMs))
  yield { name: 'connection refused', node: node.version, value, unit: 'ms', limit: LIMIT_MS }
}
