import { join } from 'node:path'
import { build } from 'rolldown'
import { loadConfig } from 'rolldown/config'
import { programsInPairs } from '../helpers/measure.mjs'
import { bothShells, handWritten, setup, setupWithLook, storedHome, withSdk } from '../helpers/programs.mjs'
import { cleanEnvironment, ROOT, scratch } from '../helpers/world.mjs'

/** @typedef {import('../helpers/report.mjs').Row} Row */

/** By the major version of Node. @type {Readonly<Record<number, number>>} */
const LIMITS = { 20: 1.3, 22: 1.45, 24: 1.45 }
const FAR_LIMIT = 1.08
const LOOK_LIMIT = 1.25

/** Issuing and storing. @param {import('../run.mjs').Bench} bench @returns {AsyncGenerator<Row>} */
export async function* setups({ nodes, rounds, service }) {
  const against = 'the hand-written client'
  for (const node of nodes) {
    const comparison = await programsInPairs(setup(node, service), handWritten(node, service), rounds)
    const limit = LIMITS[node.major]
    yield { name: 'setup', node: node.version, against, value: comparison.ratio, unit: '×', limit, comparison }
  }
  const sdkClient = await bundleSdkClient()
  for (const node of nodes) {
    const comparison = await programsInPairs(withSdk(node, service, sdkClient), handWritten(node, service), rounds)
    yield { name: '… of that the SDK', node: node.version, against, value: comparison.ratio, unit: '×', comparison }
  }
  const [node] = nodes
  const far = service.farConnectionString
  const comparison = await programsInPairs(setup(node, service, far), handWritten(node, service, far), rounds)
  const name = 'setup, 40 ms round trip'
  yield { name, node: node.version, against, value: comparison.ratio, unit: '×', limit: FAR_LIMIT, comparison }
  yield await lookRow(node, service, rounds)
}

/**
 * What the look adds, in shells that are opened bare, side by side.
 *
 * @param {import('../helpers/programs.mjs').NodeProgram} node
 * @param {import('../helpers/programs.mjs').Service} service
 * @param {number} rounds
 * @returns {Promise<Row>}
 */
async function lookRow(node, service, rounds) {
  const home = storedHome(node, service)
  const shells = bothShells(cleanEnvironment(home))
  const look = await programsInPairs(setupWithLook(node, service), setup(node, service), rounds)
  const { yardstickMs } = await programsInPairs(setup(node, service), shells, rounds)
  const value = look.differenceMs / yardstickMs
  const against = 'both shells opened bare'
  return { name: 'what the look adds to setup', node: node.version, against, value, unit: '×', limit: LOOK_LIMIT }
}

/** With everything that makes acs-env's own bundle fast. */
async function bundleSdkClient() {
  const config = await loadConfig(join(ROOT, 'rolldown.config.ts'))
  if (typeof config === 'function' || !('plugins' in config) || !Array.isArray(config.plugins)) {
    throw new Error('rolldown.config.ts has no list of plugins.')
  }
  const dir = join(scratch, 'sdk-client')
  const input = { 'sdk-client': join(ROOT, 'bench/yardsticks/sdk-client.mjs') }
  // It has a part of what acs-env bundles, so that not every entry of the list can match.
  const plugins = config.plugins.map((plugin) => {
    const isLeaveOut = typeof plugin === 'object' && plugin !== null && 'name' in plugin && plugin.name === 'leave-out'
    return isLeaveOut ? { ...plugin, buildEnd: () => {} } : plugin
  })
  await build({ ...config, plugins, input, output: { dir, format: 'cjs', entryFileNames: '[name].cjs', minify: true } })
  return join(dir, 'sdk-client.cjs')
}
