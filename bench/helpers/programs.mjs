import { join } from 'node:path'
import { BUILT, cleanEnvironment, makeHome, requireStored, requireToken } from './world.mjs'

const CLIENT = join(import.meta.dirname, '../yardsticks/client.cjs')

/** @typedef {import('./measure.mjs').Program} Program */
/** @typedef {{ path: string, version: string, major: number }} NodeProgram */
/** @typedef {Awaited<ReturnType<typeof import('./service.mjs').startService>>} Service */

/** The least that Node itself costs. @param {NodeProgram} node @param {string} home @returns {Program} */
export function bareNode(node, home) {
  return { path: node.path, args: ['-e', '0'], env: cleanEnvironment(home) }
}

/**
 * @param {NodeProgram} node
 * @param {string} home
 * @param {readonly string[]} args
 * @param {string} [script] another build
 * @returns {Program}
 */
export function acsEnv(node, home, args, script = BUILT) {
  return { path: node.path, args: [script, ...args], env: cleanEnvironment(home) }
}

/**
 * `acs-env setup` in a home that is new each time.
 *
 * @param {NodeProgram} node
 * @param {Service} service
 * @param {string} [connectionString]
 * @returns {Program}
 */
export function setup(node, service, connectionString = service.connectionString) {
  return inNewHome(
    node,
    [BUILT, 'setup', '--yes', '--no-verify', '--connection-string-stdin'],
    service,
    connectionString,
  )
}

/** The hand-written client, in the same way. @param {Parameters<typeof setup>} parameters @returns {Program} */
export function handWritten(...[node, service, connectionString = service.connectionString]) {
  return inNewHome(node, [CLIENT], service, connectionString)
}

/**
 * `acs-env issue`, or another build of it.
 *
 * @param {NodeProgram} node
 * @param {Service} service
 * @param {string} [script]
 * @returns {Program}
 */
export function issue(node, service, script = BUILT) {
  return {
    path: node.path,
    args: [script, 'issue', '--scope', 'chat', 'voip', '--connection-string-stdin'],
    env: cleanEnvironment(makeHome(), { NODE_EXTRA_CA_CERTS: service.certificate }),
    input: service.connectionString,
    check: ({ stdout }) => requireToken(stdout),
  }
}

/** The same with the SDK, as `bundleSdkClient` made it. @param {NodeProgram} node @param {Service} service @param {string} script */
export function withSdk(node, service, script) {
  return inNewHome(node, [script], service, service.connectionString)
}

/**
 * @param {NodeProgram} node
 * @param {readonly string[]} args
 * @param {Service} service
 * @param {string} connectionString
 * @returns {Program}
 */
function inNewHome(node, args, service, connectionString) {
  return {
    path: node.path,
    args,
    env: {},
    input: connectionString,
    prepare: () => ({ env: cleanEnvironment(makeHome(), { NODE_EXTRA_CA_CERTS: service.certificate }) }),
    check: (_, { env }) => requireStored(env.HOME ?? ''),
  }
}
