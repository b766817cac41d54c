import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './measure.mjs'
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
 * @param {string} [script] another build
 * @returns {Program}
 */
export function setup(node, service, connectionString = service.connectionString, script = BUILT) {
  const args = [script, 'setup', '--yes', '--no-verify', '--connection-string-stdin']
  return inNewHome(node, args, service, connectionString)
}

/** The same, and the look into new shells. @param {NodeProgram} node @param {Service} service @returns {Program} */
export function setupWithLook(node, service) {
  const args = [BUILT, 'setup', '--yes', '--connection-string-stdin']
  return inNewHome(node, args, service, service.connectionString)
}

/**
 * The hand-written client, in the same way.
 *
 * @param {NodeProgram} node
 * @param {Service} service
 * @param {string} [connectionString]
 * @returns {Program}
 */
export function handWritten(node, service, connectionString = service.connectionString) {
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

/** The user's own shells, opened bare, side by side. @param {Program['env']} env @returns {Program} */
export function bothShells(env) {
  return { path: '/bin/sh', args: ['-c', 'bash -l -i -c : & bash -i -c : & wait'], env }
}

/** The hand-written client that stores nothing. @param {NodeProgram} node @param {Service} service @returns {Program} */
export function handWrittenIssue(node, service) {
  return { ...issue(node, service), args: [CLIENT, '--print'] }
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

/**
 * Makes a home in which setup has been as most people run it, which looked into new shells, and returns its path.
 *
 * @param {NodeProgram} node
 * @param {Service} service
 * @param {string} [profile] instead of 10 KB
 * @param {(node: NodeProgram, service: Service) => Program} [setUp]
 */
export function storedHome(node, service, profile, setUp = setupWithLook) {
  const home = makeHome()
  if (profile !== undefined) writeFileSync(join(home, '.bash_profile'), profile)
  const env = cleanEnvironment(home, { NODE_EXTRA_CA_CERTS: service.certificate })
  run({ ...setUp(node, service), prepare: () => ({ env }) })
  return home
}
