import { join } from 'node:path'
import { programsInPairs } from '../helpers/measure.mjs'
import { acsEnv, bareNode, bothShells, setup, storedHome } from '../helpers/programs.mjs'
import { cleanEnvironment, makeHome, requireToken } from '../helpers/world.mjs'

/** @typedef {import('../helpers/measure.mjs').Program} Program */
/** @typedef {import('../helpers/programs.mjs').NodeProgram} NodeProgram */
/** @typedef {import('../helpers/report.mjs').Row} Row */

const PRINTING_LIMIT = 1.08
const REFUSING_LIMIT = 1.2
const READING_LIMIT = 1.25
const RUNNING_LIMIT = 1.25
const SPAWN = join(import.meta.dirname, '../yardsticks/spawn.cjs')

/** What answers without asking the service. @param {import('../run.mjs').Bench} bench @returns {AsyncGenerator<Row>} */
export async function* startup({ nodes, rounds, service }) {
  const home = makeHome()
  for (const node of nodes) {
    const overview = { ...acsEnv(node, home, ['--help']), check: requireOutput(/^From an Azure/) }
    const version = { ...acsEnv(node, home, ['--version']), check: requireOutput(/^\d+\.\d+\.\d+\n$/) }
    const refusal = { ...acsEnv(node, home, ['issue', '--zyzzyva']), exitCode: 2, check: requireSaid(/--zyzzyva/) }
    /** @type {readonly (readonly [name: string, program: Program, limit: number])[]} */
    const subjects = [
      ['--help', overview, PRINTING_LIMIT],
      ['--version', version, PRINTING_LIMIT],
      ['a bad option', refusal, REFUSING_LIMIT],
    ]
    for (const [name, program, limit] of subjects) {
      yield row(name, node, await programsInPairs(program, bareNode(node, home), rounds), limit)
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
  /** @type {Program} */
  const token = { ...acsEnv(node, home10k, ['token']), check: ({ stdout }) => requireToken(stdout) }
  /** @type {Program} */
  const scheduled = { ...refresh, env: { ...refresh.env, ACS_ENV_SCHEDULED: '1' }, check: () => {} }
  /** @type {Readonly<Record<string, Program>>} */
  const readers = { status: statusIn(home10k), 'refresh with nothing to do': refresh, token }
  for (const [name, program] of Object.entries(readers)) {
    yield row(name, node, await programsInPairs(program, bareNode(node, home10k), rounds), READING_LIMIT)
  }
  yield row(
    "the schedule's refresh with nothing to do",
    node,
    await programsInPairs(scheduled, bareNode(node, home10k), rounds),
  )
  /** @type {Program} */
  const spawning = { path: node.path, args: [SPAWN, 'true'], env: cleanEnvironment(home10k) }
  const running = await programsInPairs(acsEnv(node, home10k, ['exec', '--', 'true']), spawning, rounds)
  yield { ...row('exec -- true', node, running, RUNNING_LIMIT), against: 'a Node script that spawns it' }
  const againstRefresh = await programsInPairs(statusIn(home10k), refresh, rounds)
  yield { ...row('status', node, againstRefresh, 1.05), against: 'refresh with nothing to do' }
  const unseen = storedHome(node, service, undefined, setup)
  yield row(
    'status, new shells not looked at',
    node,
    await programsInPairs(statusIn(unseen), bareNode(node, unseen), rounds),
  )
  const short = storedHome(node, service, '# mine\n')
  yield row(
    'status, a profile of one line',
    node,
    await programsInPairs(statusIn(short), bareNode(node, short), rounds),
  )
  yield await doctorRow(node, home10k, rounds)
}

/**
 * A doctor that finds nothing, in a shell that has the values.
 *
 * @param {NodeProgram} node
 * @param {string} home
 * @param {number} rounds
 * @returns {Promise<Row>}
 */
async function doctorRow(node, home, rounds) {
  const doctor = acsEnv(node, home, ['doctor', '--offline'])
  const args = ['-l', '-c', '"$@"', 'bash', doctor.path, ...doctor.args]
  const healthy = { ...doctor, path: 'bash', args, check: requireOutput(/Everything is in order/) }
  const comparison = await programsInPairs(healthy, bothShells(doctor.env), rounds)
  return { ...row('doctor, with nothing wrong', node, comparison), against: 'both shells opened bare' }
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
