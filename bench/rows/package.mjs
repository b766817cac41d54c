import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { programsInPairs } from '../helpers/measure.mjs'
import { startServer } from '../helpers/service.mjs'
import { cleanEnvironment, makeHome, ROOT, scratch } from '../helpers/world.mjs'

/** @typedef {import('../helpers/measure.mjs').Program} Program */
/** @typedef {import('../helpers/report.mjs').Row} Row */

const REGISTRY = join(import.meta.dirname, '../helpers/registry.mjs')
const NPX_LIMIT = 1.05
const NPX_PAIRS = 15

/** What comes over the network before anything can run. @param {import('../run.mjs').Bench} bench @returns {AsyncGenerator<Row>} */
export async function* packages({ nodes: [node], rounds }) {
  const ours = pack(ROOT)
  const emptyDirectory = join(scratch, 'empty-package')
  mkdirSync(emptyDirectory)
  const manifest = { name: 'empty-package', version: '1.0.0', bin: 'index.cjs' }
  writeFileSync(join(emptyDirectory, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(emptyDirectory, 'index.cjs'), '#!/usr/bin/env node\n')
  const empty = pack(emptyDirectory)

  yield { name: 'tarball', value: ours.report.size / 1000, unit: 'KB', limit: 180 }
  yield { name: 'unpacked', value: ours.report.unpackedSize / 1000, unit: 'KB', limit: 600 }
  const { dependencies = {} } = ours.manifest
  yield { name: 'packages', value: 1 + Object.keys(dependencies).length, unit: '', limit: 1 }

  const registry = await startServer(REGISTRY, [JSON.stringify([ours, empty])])
  try {
    const pairs = Math.min(rounds, NPX_PAIRS)
    const subject = npx(ours, ['--version'], registry.said.port)
    const comparison = await programsInPairs(subject, npx(empty, [], registry.said.port), pairs)
    yield {
      name: 'npx acs-env --version, empty cache',
      node: node.version,
      against: 'npx of an empty package',
      value: comparison.ratio,
      unit: '×',
      limit: NPX_LIMIT,
      comparison,
    }
  } finally {
    await registry.stop()
  }
}

/** @param {string} directory */
function pack(directory) {
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', scratch]
  const env = cleanEnvironment(makeHome(), { npm_config_update_notifier: 'false' })
  const [report] = JSON.parse(execFileSync('npm', args, { cwd: directory, env, encoding: 'utf8' }))
  return {
    report,
    manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')),
    tarball: join(scratch, report.filename),
    integrity: report.integrity,
  }
}

/**
 * In a home, and so with a cache, that is new each time.
 *
 * @param {ReturnType<typeof pack>} packed
 * @param {readonly string[]} args
 * @param {number} port of the registry
 * @returns {Program}
 */
function npx({ manifest: { name, version } }, args, port) {
  const prepare = () => {
    const home = makeHome()
    const env = cleanEnvironment(home, {
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_cache: join(home, 'cache'),
      npm_config_update_notifier: 'false',
    })
    return { env, cwd: home }
  }
  /** @type {Program['check']} */
  const check = ({ stdout }) => {
    if (args.length > 0 && stdout !== `${version}\n`) throw new Error(`npx printed: ${stdout}`)
  }
  return { path: 'npx', args: ['--yes', name, ...args], env: {}, prepare, check }
}
