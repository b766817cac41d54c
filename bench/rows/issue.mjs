import { createHash, createHmac } from 'node:crypto'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { programsInPairs } from '../helpers/measure.mjs'
import { acsEnv, handWrittenIssue, issue } from '../helpers/programs.mjs'
import { cleanEnvironment, makeHome, requireToken, ROOT, scratch, works } from '../helpers/world.mjs'

const AZ_LIMIT = 0.3
const PYTHON_LIMIT = 0.45
const HAND_WRITTEN_LIMIT = 1.25
const PYTHON_SCRIPT = join(import.meta.dirname, '../yardsticks/issue.py')
const API = '/identities?api-version=2023-10-01'

/** @typedef {import('../helpers/measure.mjs').Program} Program */
/** @typedef {import('../helpers/programs.mjs').Service} Service */
/** @typedef {import('../helpers/report.mjs').Row} Row */

/** A token on standard output. @param {import('../run.mjs').Bench} bench @returns {AsyncGenerator<Row>} */
export async function* issues({ nodes: [node], rounds, service, leaveOut }) {
  /** @type {readonly { against: string, program: Program | undefined, limit?: number }[]} */
  const yardsticks = [
    {
      against: 'the hand-written client, storing nothing',
      program: handWrittenIssue(node, service),
      limit: HAND_WRITTEN_LIMIT,
    },
    { against: 'the least of an Azure CLI call', program: azureCli(), limit: AZ_LIMIT },
    { against: 'the Azure SDK for Python', program: pythonSdk(service), limit: PYTHON_LIMIT },
    { against: 'curl, one signed request', program: curl(service) },
  ]
  for (const { against, program, limit } of yardsticks) {
    if (program === undefined) leaveOut(`issue, against ${against}: it is not installed`)
    else yield row('issue', against, await programsInPairs(issue(node, service), program, rounds), limit)
  }
  const unbundled = await buildUnbundled()
  const home = makeHome()
  const help = acsEnv(node, home, ['--help'])
  const unbundledHelp = acsEnv(node, home, ['--help'], unbundled)
  yield row('--help', 'the unbundled build', await programsInPairs(help, unbundledHelp, rounds))
  const unbundledIssue = issue(node, service, unbundled)
  yield row('issue', 'the unbundled build', await programsInPairs(issue(node, service), unbundledIssue, rounds))

  /**
   * @param {string} name
   * @param {string} against
   * @param {import('../helpers/measure.mjs').Comparison} comparison
   * @param {number} [limit]
   * @returns {Row}
   */
  function row(name, against, comparison, limit) {
    return { name, node: node.version, against, value: comparison.ratio, unit: '×', limit, comparison }
  }
}

/** What `az` costs before it does anything at all: signed out, it asks nobody. @returns {Program | undefined} */
function azureCli() {
  if (!works('az', ['--version'])) return undefined
  const home = makeHome()
  const env = cleanEnvironment(home, {
    AZURE_CONFIG_DIR: join(home, '.azure'),
    AZURE_CORE_COLLECT_TELEMETRY: '0',
    AZURE_CORE_CHECK_FOR_UPDATES: '0',
  })
  return { path: 'az', args: ['account', 'list'], env }
}

/** @param {Service} service @returns {Program | undefined} */
function pythonSdk({ connectionString, certificate }) {
  const program = ['/usr/bin/python3', 'python3'].find((python) =>
    works(python, ['-c', 'import azure.communication.identity']),
  )
  if (program === undefined) return undefined
  return {
    path: program,
    args: [PYTHON_SCRIPT],
    env: cleanEnvironment(makeHome(), { REQUESTS_CA_BUNDLE: certificate, PYTHONDONTWRITEBYTECODE: '1' }),
    input: connectionString,
    check: ({ stdout }) => requireToken(stdout),
  }
}

/** Signed beforehand, in time that is not measured. @param {Service} service @returns {Program | undefined} */
function curl({ connectionString, certificate }) {
  if (!works('curl', ['--version'])) return undefined
  const [, endpoint, key = ''] = /^endpoint=(.+?);accesskey=(.+)$/.exec(connectionString) ?? []
  const url = new URL(API, endpoint)
  const body = JSON.stringify({ createTokenWithScopes: ['chat', 'voip'] })
  const hash = createHash('sha256').update(body).digest('base64')
  const prepare = () => {
    const date = new Date().toUTCString()
    const signature = createHmac('sha256', Buffer.from(key, 'base64'))
      .update(`POST\n${API}\n${date};${url.host};${hash}`)
      .digest('base64')
    const headers = [
      'content-type: application/json',
      `x-ms-date: ${date}`,
      `x-ms-content-sha256: ${hash}`,
      `authorization: HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
    ].flatMap((header) => ['--header', header])
    return { args: ['--silent', '--cacert', certificate, ...headers, '--data', body, url.href] }
  }
  /** @type {Program['check']} */
  const check = ({ stdout }) => requireToken(JSON.parse(stdout).accessToken.token)
  return { path: 'curl', args: [], env: cleanEnvironment(scratch), prepare, check }
}

/** Every module for itself, packages from node_modules: what a compiler alone would make of it. */
async function buildUnbundled() {
  // Below node_modules, where its imports are found.
  const directory = join(ROOT, 'node_modules/.cache/acs-env-bench')
  const build = await rolldown({
    input: { cli: join(ROOT, 'src/cli.ts') },
    platform: 'node',
    external: /^[^./]/,
  })
  await build.write({
    dir: directory,
    format: 'esm',
    preserveModules: true,
    preserveModulesRoot: join(ROOT, 'src'),
    entryFileNames: '[name].mjs',
    cleanDir: true,
  })
  await build.close()
  return join(directory, 'cli.mjs')
}
