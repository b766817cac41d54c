// Measures acs-env against its yardsticks, prints a table, and writes bench/results.json.
// Usage: npm run bench -- [--rounds N] [--only GROUP]... [--markdown]
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { run } from './helpers/measure.mjs'
import { issue } from './helpers/programs.mjs'
import { renderMarkdown, renderText, verdict } from './helpers/report.mjs'
import { startService } from './helpers/service.mjs'
import { benchNodes } from './helpers/world.mjs'
import { failures } from './rows/failure.mjs'
import { issues } from './rows/issue.mjs'
import { memory } from './rows/memory.mjs'
import { packages } from './rows/package.mjs'
import { profiles } from './rows/profile.mjs'
import { setups } from './rows/setup.mjs'
import { shells } from './rows/shells.mjs'
import { startup } from './rows/startup.mjs'

/**
 * @typedef {object} Bench what a group of rows needs
 * @property {readonly import('./helpers/programs.mjs').NodeProgram[]} nodes the first is the one to use
 * @property {number} rounds how many pairs to measure
 * @property {import('./helpers/programs.mjs').Service} service
 * @property {(reason: string) => void} leaveOut
 */

const RESULTS = join(import.meta.dirname, 'results.json')
const groups = {
  startup,
  setup: setups,
  issue: issues,
  memory,
  package: packages,
  shells,
  failure: failures,
  profile: profiles,
}

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '21' },
    only: { type: 'string', multiple: true, default: Object.keys(groups) },
    markdown: { type: 'boolean', default: false },
  },
})

const rows = []
const leftOut = []
const nodes = benchNodes()
const service = await startService()
try {
  requireSignatureCheck()
  const bench = { nodes, rounds: Number(options.rounds), service, leaveOut: (reason) => leftOut.push(reason) }
  for (const name of options.only) {
    if (!(name in groups)) throw new Error(`--only ${name}: there are ${Object.keys(groups).join(', ')}`)
    process.stderr.write(`measuring ${name} …\n`)
    for await (const row of groups[name](bench)) rows.push(row)
  }
} finally {
  await service.stop()
}

for (const major of [22, 24]) {
  if (!nodes.some((node) => node.major === major)) leftOut.push(`Node ${major}: ACS_ENV_TEST_NODES does not name one`)
}
console.log(options.markdown ? renderMarkdown(rows) : renderText(rows))
for (const reason of leftOut) console.log(`left out: ${reason}`)
writeFileSync(
  RESULTS,
  `${JSON.stringify(
    {
      date: new Date().toISOString(),
      node: process.version,
      machine: { system: `${process.platform} ${release()}`, cpu: cpus()[0]?.model, cores: availableParallelism() },
      rounds: Number(options.rounds),
      rows: rows.map((row) => ({ ...row, verdict: verdict(row) })),
      leftOut,
    },
    null,
    2,
  )}\n`,
)
if (rows.some((row) => verdict(row) === 'missed')) process.exitCode = 1

/** A service that took any signature would make a wrong answer look fast. */
function requireSignatureCheck() {
  const program = issue(nodes[0], service)
  const wrongKey = service.connectionString.replace(/accesskey=./, 'accesskey=x')
  run({ ...program, input: wrongKey, exitCode: 4, check: () => undefined })
}
