import { programsInPairs, run } from '../helpers/measure.mjs'
import { acsEnv } from '../helpers/programs.mjs'
import { cleanEnvironment, makeHome, requireToken, works } from '../helpers/world.mjs'

/** @typedef {import('../helpers/report.mjs').Row} Row */

const PAIRS_PER_ROUND = 20
const SHELLS = [
  { name: 'bash', profile: '.bash_profile', args: ['-l', '-c'], limitMs: 0.3 },
  { name: 'zsh', profile: '.zshrc', args: ['-i', '-c'], limitMs: 0.6 },
]

/** What the block costs every new shell. @param {import('../run.mjs').Bench} bench @returns {AsyncGenerator<Row>} */
export async function* shells({ nodes: [node], rounds, service, leaveOut }) {
  for (const { name, profile, args, limitMs } of SHELLS) {
    if (!works(name, ['--version'])) {
      leaveOut(`a new ${name}: it is not installed`)
      continue
    }
    const home = makeHome(profile)
    run({
      ...acsEnv(node, home, ['setup', '--yes', '--shell', name, '--connection-string-stdin']),
      env: cleanEnvironment(home, { NODE_EXTRA_CA_CERTS: service.certificate }),
      input: service.connectionString,
    })
    /** @type {(command: string, env: Readonly<Record<string, string>>) => import('../helpers/measure.mjs').Program} */
    const starting = (command, env) => ({ path: name, args: [...args, command], env })
    const withBlock = cleanEnvironment(home)
    const { stdout } = run(starting('printf %s "$AZURE_COMMUNICATION_ACCESS_TOKEN"', withBlock))
    requireToken(stdout)

    const without = cleanEnvironment(makeHome(profile))
    const comparison = await programsInPairs(starting(':', withBlock), starting(':', without), rounds * PAIRS_PER_ROUND)
    yield {
      name: `a new ${name} with the block`,
      against: 'without it, in addition',
      value: comparison.differenceMs,
      unit: 'ms',
      limit: limitMs,
      comparison,
    }
  }
}
