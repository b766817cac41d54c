// Measures acs-env against its yardsticks, prints a table, and writes bench/results.json unless it measures a part only.
// Usage: npm run bench -- [--rounds N] [--only GROUP]...
//        npm run bench -- --against REF [--rounds N]    this build against that of another commit
//        npm run bench -- --markdown    prints the table of docs/performance.md from bench/results.json
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, release } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildEarlier } from './helpers/earlier-build.mjs'
import { run } from './helpers/measure.mjs'
import { issue } from './helpers/programs.mjs'
import { renderMarkdown, renderText, verdict } from './helpers/report.mjs'
import { startService } from './helpers/service.mjs'
import { benchNodes } from './helpers/world.mjs'
import { againstEarlier } from './rows/earlier.mjs'
import { failures } from './rows/failure.mjs'
import { issues } from './rows/issue.mjs'
import { memory } from './rows/memory.mjs'
import { packages } from './rows/package.mjs'
import { peers } from './rows/peers.mjs'
import { profiles } from './rows/profile.mjs'
import { setups } from './rows/setup.mjs'
import { shells } from './rows/shells.mjs'
import { startup } from './rows/startup.mjs'

/**
 * @typedef {object} Bench what a group of rows needs
 * @property {readonly [NodeProgram, ...NodeProgram[]]} nodes the first is the one to use
 * @property {number} rounds how many pairs to measure
 * @property {Service} service
 * @property {(reason: string) => void} leaveOut
 */
/** @typedef {import('./helpers/programs.mjs').NodeProgram} NodeProgram */
/** @typedef {import('./helpers/programs.mjs').Service} Service */
/** @typedef {import('./helpers/report.mjs').Row} Row */
/** @typedef {Iterable<Row> | AsyncIterable<Row>} Rows */

/** More than there are cores: the figures are those of a busy machine. */
const [loadBefore] = loadavg()
const RESULTS = join(import.meta.dirname, 'results.json')
/** @type {Readonly<Record<string, (bench: Bench) => Rows>>} */
const groups = {
  startup,
  setup: setups,
  issue: issues,
  memory,
  package: packages,
  shells,
  failure: failures,
  profile: profiles,
  peers,
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '21' },
    only: { type: 'string', multiple: true },
    against: { type: 'string' },
    markdown: { type: 'boolean', default: false },
  },
})
const rounds = Number(options.rounds)
const unknown = options.only?.find((name) => !Object.hasOwn(groups, name))
if (unknown !== undefined) refuse(`--only ${unknown}: there are ${Object.keys(groups).join(', ')}`)
else if (!Number.isInteger(rounds) || rounds < 1) refuse('--rounds: how many pairs, 1 or more')
else if (options.markdown) console.log(renderMarkdown(JSON.parse(readFileSync(RESULTS, 'utf8'))))
else if (options.against !== undefined) await compare(rounds, options.against)
else await measure(rounds, options.only)

/** @param {string} sentence */
function refuse(sentence) {
  console.error(sentence)
  process.exitCode = 2
}

/**
 * @param {number} rounds
 * @param {readonly string[] | undefined} only some of the groups; what they give is not written to the results
 */
async function measure(rounds, only) {
  /** @type {Row[]} */
  const rows = []
  /** @type {string[]} */
  const leftOut = []
  const nodes = benchNodes()
  const service = await startService()
  try {
    requireSignatureCheck(nodes[0], service)
    /** @type {Bench} */
    const bench = { nodes, rounds, service, leaveOut: (reason) => leftOut.push(reason) }
    for (const name of only ?? Object.keys(groups)) {
      process.stderr.write(`measuring ${name} …\n`)
      for await (const row of groups[name]?.(bench) ?? []) rows.push(row)
    }
  } finally {
    await service.stop()
  }
  for (const major of [22, 24]) {
    if (!nodes.some((node) => node.major === major)) leftOut.push(`Node ${major}: ACS_ENV_TEST_NODES names none`)
  }
  report(rows)
  for (const reason of leftOut) console.log(`left out: ${reason}`)
  if (only === undefined) writeResults(rounds, rows, leftOut)
}

/** @param {number} rounds @param {string} ref */
async function compare(rounds, ref) {
  /** @type {Row[]} */
  const rows = []
  const service = await startService()
  try {
    const bench = { nodes: benchNodes(), rounds, service, leaveOut: () => {} }
    for await (const row of againstEarlier(bench, buildEarlier(ref))) rows.push(row)
  } finally {
    await service.stop()
  }
  report(rows)
}

/** @param {readonly Row[]} rows */
function report(rows) {
  console.log(renderText(rows))
  if (rows.some((row) => verdict(row) === 'missed')) process.exitCode = 1
}

/** @param {number} rounds @param {readonly Row[]} rows @param {readonly string[]} leftOut */
function writeResults(rounds, rows, leftOut) {
  const results = {
    date: new Date().toISOString(),
    node: process.version,
    machine: {
      system: `${process.platform} ${release()}`,
      cpu: cpus()[0]?.model,
      cores: availableParallelism(),
      load: { before: loadBefore, after: loadavg()[0] },
    },
    rounds,
    rows: rows.map((row) => ({ ...row, verdict: verdict(row) })),
    leftOut,
  }
  writeFileSync(RESULTS, `${JSON.stringify(results, null, 2)}\n`)
}

/** A service that took any signature would make a wrong answer look fast. @param {NodeProgram} node @param {Service} service */
function requireSignatureCheck(node, service) {
  const input = service.connectionString.replace(
    /accesskey=(.)/,
    (/** @type {string} */ _, /** @type {string} */ first) => `accesskey=${first === 'A' ? 'B' : 'A'}`,
  )
  run({ ...issue(node, service), input, exitCode: 4, check: () => undefined })
}
