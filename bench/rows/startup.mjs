import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programsInPairs, run } from '../helpers/measure.mjs'
import { acsEnv, bareNode, setup } from '../helpers/programs.mjs'
import { makeHome } from '../helpers/world.mjs'

const LIMITS = { 20: 1.25, 22: 1.2, 24: 1.2 }
const READING_LIMIT = 1.35

/** What answers without asking the service. @param {import('../run.mjs').Bench} bench */
export async function* startup({ nodes, rounds, service }) {
  const home = makeHome()
  for (const node of nodes) {
    const overview = { ...acsEnv(node, home, ['--help']), check: requireOutput(/^From an Azure/) }
    const version = { ...acsEnv(node, home, ['--version']), check: requireOutput(/^\d+\.\d+\.\d+\n$/) }
    const refusal = { ...acsEnv(node, home, ['issue', '--zyzzyva']), exitCode: 2, check: requireSaid(/--zyzzyva/) }
    const subjects = { '--help': overview, '--version': version, 'a bad option': refusal }
    for (const [name, program] of Object.entries(subjects)) {
      yield row(name, node, await programsInPairs(program, bareNode(node, home), rounds), LIMITS[node.major])
    }
  }

  const [node] = nodes
  const env = storedHome(node, service)
  const statusIn = (home) => ({ ...acsEnv(node, home, ['status']), check: requireOutput(/expires|until/i) })
  const refresh = {
    ...acsEnv(node, env.HOME, ['refresh', '--if-expires-within', '1h']),
    check: requireSaid(/^The stored token stays, good until/),
  }
  for (const [name, program] of Object.entries({ status: statusIn(env.HOME), 'refresh with nothing to do': refresh })) {
    yield row(name, node, await programsInPairs(program, bareNode(node, env.HOME), rounds), READING_LIMIT)
  }
  const againstRefresh = programsInPairs(statusIn(env.HOME), refresh, rounds)
  yield { ...row('status', node, againstRefresh, 1.05), against: 'refresh with nothing to do' }
  const short = storedHome(node, service, '# mine\n').HOME
  yield row(
    'status, a profile of one line',
    node,
    await programsInPairs(statusIn(short), bareNode(node, short), rounds),
  )
}

/** A home in which setup has been. @param {string} [profile] instead of 10 KB */
function storedHome(node, service, profile) {
  const { env } = setup(node, service).prepare()
  if (profile !== undefined) writeFileSync(join(env.HOME, '.bash_profile'), profile)
  run({ ...setup(node, service), prepare: () => ({ env }) })
  return env
}

function row(name, node, comparison, limit) {
  return { name, node: node.version, against: 'node -e 0', value: comparison.ratio, unit: '×', limit, comparison }
}

/** @param {RegExp} pattern */
function requireSaid(pattern) {
  return ({ stderr }) => {
    if (!pattern.test(stderr)) throw new Error(`Unexpected: ${stderr}`)
  }
}

/** @param {RegExp} pattern */
function requireOutput(pattern) {
  return ({ stdout }) => {
    if (!pattern.test(stdout)) throw new Error(`Unexpected: ${stdout}`)
  }
}
