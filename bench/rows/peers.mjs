import { delimiter } from 'node:path'
import { programsInPairs } from '../helpers/measure.mjs'
import { acsEnv, storedHome } from '../helpers/programs.mjs'
import { cleanEnvironment, makeHome, works } from '../helpers/world.mjs'

/** @typedef {import('../helpers/report.mjs').Row} Row */

/**
 * Command lines that print help, or something secret that they keep. Those of npm have to be installed somewhere, and
 * the `node_modules/.bin` there be named in ACS_ENV_BENCH_PEERS.
 *
 * @type {readonly { name: string, help: readonly string[], token?: readonly string[] }[]}
 */
const PEERS = [
  { name: 'gh', help: ['--help'], token: ['auth', 'token'] },
  { name: 'az', help: ['--help'] },
  { name: 'dotenvx', help: ['--help'], token: ['get', 'PEER_TOKEN'] },
  { name: 'vercel', help: ['--help'] },
  { name: 'twilio', help: ['--help'] },
]

/** acs-env against other command lines, each as it is installed. @param {import('../run.mjs').Bench} bench @returns {AsyncGenerator<Row>} */
export async function* peers({ nodes: [node], rounds, service, leaveOut }) {
  const home = storedHome(node, service)
  const path = [process.env.ACS_ENV_BENCH_PEERS, cleanEnvironment(home).PATH].filter(Boolean).join(delimiter)
  const env = cleanEnvironment(makeHome(), {
    PATH: path,
    GH_TOKEN: 'gho_of-a-peer',
    PEER_TOKEN: 'of-a-peer',
    AZURE_CORE_COLLECT_TELEMETRY: '0',
    TWILIO_DISABLE_UPDATE_CHECK: '1',
  })
  for (const { name, help, token } of PEERS) {
    yield* against('--help', name, help)
    if (token !== undefined) yield* against('token', name, token)
  }

  /** @param {string} own @param {string} name @param {readonly string[]} args @returns {AsyncGenerator<Row>} */
  async function* against(own, name, args) {
    if (!works(name, args, env)) {
      leaveOut(`${own}, against ${name}: it is not installed`)
      return
    }
    const comparison = await programsInPairs(acsEnv(node, home, [own]), { path: name, args, env }, rounds)
    const yardstick = [name, ...args].join(' ')
    yield { name: own, node: node.version, against: yardstick, value: comparison.ratio, unit: '×', comparison }
  }
}
