import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programsInPairs, run } from '../helpers/measure.mjs'
import { acsEnv, bareNode, setup } from '../helpers/programs.mjs'
import { cleanEnvironment, makeHome } from '../helpers/world.mjs'

/** @typedef {import('../helpers/measure.mjs').Program} Program */
/** @typedef {import('../helpers/programs.mjs').NodeProgram} NodeProgram */
/** @typedef {import('../helpers/report.mjs').Row} Row */

/** By the major version of Node. @type {Readonly<Record<number, number>>} */
const LIMITS = { 20: 1.25, 22: 1.2, 24: 1.2 }
const READING_LIMIT = 1.35

/** What answers without asking the service. @param {import('../run.mjs').Bench} bench @returns {AsyncGenerator<Row>} */
export async function* startup({ nodes, rounds, service }) {
  const home = makeHome()
  for (const node of nodes) {
    const overview = { ...acsEnv(node, home, ['--help']), check: requireOutput(/^From an Azure/) }
    const version = { ...acsEnv(node, home, ['--version']), check: requireOutput(/^\d+\.\d+\.\d+\n$/) }
    const refusal = { ...acsEnv(node, home, ['issue', '--zyzzyva']), exitCode: 2, check: requireSaid(/--zyzzyva/) }
    /** @type {Readonly<Record<string, Program>>} */
    const subjects = { '--help': overview, '--version': version, 'a bad option': refusal }
    for (const [name, program] of Object.entries(subjects)) {
      yield row(name, node, await programsInPairs(program, bareNode(node, home), rounds), LIMITS[node.major])
    }
  }

  const [node] = nodes
  const home10k = storedHome(node, service)
  /** @type {(home: string) => Program} */
  const statusIn = (home) => ({ ...acsEnv(node, home, ['status']), check: requireOutput(/expires|until/i) })
  /** @type {Program} */
  const refresh = {
    ...acsEnv(node, home10k, ['refresh', '--if-expires-within', '1h']),
    check: requireSaid(/^The stored token stays, good until/),
  }
  for (const [name, program] of Object.entries({ status: statusIn(home10k), 'refresh with nothing to do': refresh })) {
    yield row(name, node, await programsInPairs(program, bareNode(node, home10k), rounds), READING_LIMIT)
  }
  const againstRefresh = await programsInPairs(statusIn(home10k), refresh, rounds)
  yield { ...row('status', node, againstRefresh, 1.05), against: 'refresh with nothing to do' }
  const short = storedHome(node, service, '# mine\n')
  yield row(
    'status, a profile of one line',
    node,
    await programsInPairs(statusIn(short), bareNode(node, short), rounds),
  )
}

/**
 * Makes a home in which setup has been, and returns its path.
 *
 * @param {NodeProgram} node
 * @param {import('../helpers/programs.mjs').Service} service
 * @param {string} [profile] instead of 10 KB
 */
function storedHome(node, service, profile) {
  const home = makeHome()
  if (profile !== undefined) writeFileSync(join(home, '.bash_profile'), profile)
  const env = cleanEnvironment(home, { NODE_EXTRA_CA_CERTS: service.certificate })
  run({ ...setup(node, service), prepare: () => ({ env }) })
  return home
}

/**
 * @param {string} name
 * @param {NodeProgram} node
 * @param {import('../helpers/measure.mjs').Comparison} comparison
 * @param {number} [limit]
 * @returns {Row}
 */
function row(name, node, comparison, limit) {
  return { name, node: node.version, against: 'node -e 0', value: comparison.ratio, unit: '×', limit, comparison }
}

/** @param {RegExp} pattern @returns {NonNullable<Program['check']>} */
function requireSaid(pattern) {
  return ({ stderr }) => {
    if (!pattern.test(stderr)) throw new Error(`Unexpected: ${stderr}`)
  }
}

/** @param {RegExp} pattern @returns {NonNullable<Program['check']>} */
function requireOutput(pattern) {
  return ({ stdout }) => {
    if (!pattern.test(stdout)) throw new Error(`Unexpected: ${stdout}`)
  }
}
