import { cpSync } from 'node:fs'
import { makeHome, type TestHome } from '../../test/support/homes/home.ts'
import type { Resources } from '../../test/support/homes/resources.ts'
import { runInWorld, type WorldRun } from '../../test/support/homes/world.ts'
import type { BuiltRun } from '../../test/support/programs/built.ts'
import { byLength } from '../support/campaign.ts'
import type { Judge, Snapshot } from './judge.ts'
import {
  inHome,
  scenarios,
  scenariosOfSeveral,
  scenariosWithLook,
  SHORT_SCENARIOS,
  SHORT_SCENARIOS_OF_SEVERAL,
  writeForeignFiles,
  type Scenario,
} from './scenarios.ts'
import { callsOf, runTraced, wasInjected, type Call, type Fault } from './strace.ts'

/** A scenario with its homes: before anything of ours, before the command, and after it. */
export interface Bench {
  readonly scenario: Scenario
  readonly template: TestHome
  readonly original: Snapshot
  readonly old: Snapshot
  readonly new: Snapshot
  readonly calls: readonly Call[]
}

const run = (args: readonly string[], home: TestHome): Promise<WorldRun> =>
  runInWorld(inHome(args, home.path), home.path, { env: { SHELL: '/bin/bash' } })

/** Every scenario of this length, ready to be disturbed. */
export function makeBenches(resources: Resources, judge: Judge): Promise<readonly Bench[]> {
  const all = scenarios(resources)
  return makeAll(all.slice(0, byLength(SHORT_SCENARIOS, all.length)), judge)
}

/** The scenarios that open new shells. */
export function makeLookingBenches(resources: Resources, judge: Judge): Promise<readonly Bench[]> {
  return makeAll(scenariosWithLook(resources), judge)
}

/** The scenarios that change which of several resources is the current one. */
export function makeBenchesOfSeveral(resources: Resources, judge: Judge): Promise<readonly Bench[]> {
  const all = scenariosOfSeveral(resources)
  return makeAll(all.slice(0, byLength(SHORT_SCENARIOS_OF_SEVERAL, all.length)), judge)
}

async function makeAll(all: readonly Scenario[], judge: Judge): Promise<readonly Bench[]> {
  const benches: Bench[] = []
  for (const scenario of all) benches.push(await makeBench(scenario, judge))
  return benches
}

/** Makes the template, and does the command once undisturbed. */
async function makeBench(scenario: Scenario, judge: Judge): Promise<Bench> {
  const template = makeHome()
  if (scenario.foreign) writeForeignFiles(template)
  const original = judge.snapshot(template)
  for (const args of scenario.before) {
    const { exitCode, stderr } = await run(args, template)
    if (exitCode !== 0) throw new Error(`${scenario.name}: ${args[0]} failed: ${stderr}`)
  }
  const home = copyOf(template)
  try {
    const traced = await runTraced(scenario.command, home.path)
    if (traced.exitCode !== 0) throw new Error(`${scenario.name}: ${traced.stderr}`)
    const calls = callsOf(traced, home.path)
    return { scenario, template, original, old: judge.snapshot(template), new: judge.snapshot(home), calls }
  } finally {
    home.remove()
  }
}

/** A home like this one, with every time stamp and permission. */
export function copyOf(template: TestHome): TestHome {
  const home = makeHome()
  fill(home, template)
  return home
}

export function fill(home: TestHome, template: TestHome): void {
  cpSync(template.path, home.path, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
}

/** The calls from the first that changes something to the last. */
export function changingPart(calls: readonly Call[]): readonly Call[] {
  const first = calls.findIndex(({ changes }) => changes)
  return calls.slice(first, calls.findLastIndex(({ changes }) => changes) + 1)
}

export interface Case {
  readonly bench: Bench
  readonly fault: Fault
}

export const describeCase = ({ bench, fault: { call, kind, lasting } }: Case): string =>
  `${bench.scenario.name}: ${kind}${lasting ? ' from' : ' at'} ${call.name} ${call.number}, ${call.text}`

/** Does the command with the fault, then again without it, then takes everything back; returns what is wrong. */
export async function runCase({ bench, fault }: Case, judge: Judge, resources: Resources): Promise<readonly string[]> {
  const home = copyOf(bench.template)
  try {
    const traced = await runTraced(bench.scenario.command, home.path, fault)
    if (!wasInjected(traced, home.path, fault)) return ['the fault was not put in']
    // A run that was killed, or could not remove or write a file, does not know who made an empty ~/.config.
    const tolerant = fault.kind === 'KILL' || fault.lasting === true || isRemoval(fault)
    const wrong = judgeFault(bench, fault, traced, home, judge)
    // A value that the disk lost is gone, and so is the old one: a run can only say so.
    return fault.kind === 'LOST' ? wrong : [...wrong, ...(await judgeRest(bench, home, judge, resources, tolerant))]
  } finally {
    home.remove()
  }
}

/** Does the command again, and then takes everything back; returns what is wrong. */
export async function judgeRest(
  { scenario, new: wanted, original }: Bench,
  home: TestHome,
  judge: Judge,
  { isPair }: Resources,
  mayLeaveConfig = false,
): Promise<readonly string[]> {
  const wrong: string[] = []
  const without = (states: Snapshot): readonly string[] => {
    const found = judge.differences(home, states)
    return mayLeaveConfig && !scenario.foreign ? found.filter((line) => !line.startsWith('.config: ')) : found
  }
  const stored = await run(['env', '--format', 'json'], home)
  if (stored.exitCode === 0) {
    const values = JSON.parse(stored.stdout) as Record<string, string>
    const pair = [values.AZURE_COMMUNICATION_CONNECTION_STRING, values.AZURE_COMMUNICATION_ACCESS_TOKEN]
    if (!isPair(pair)) wrong.push('"env" prints a pair of two resources')
  }
  const next = await run(scenario.command, home)
  if (next.exitCode !== 0) wrong.push(`the next run ends with ${next.exitCode}: ${next.stderr}`)
  else wrong.push(...without(wanted).map((line) => `after the next run ${line}`))
  const last = await run(['unset', '--yes'], home)
  if (last.exitCode !== 0) wrong.push(`unset ends with ${last.exitCode}: ${last.stderr}`)
  return [...wrong, ...without(original).map((line) => `after unset ${line}`)]
}

/** Also where our lock cannot be read: its owner is not known then, so it stays until the next run. */
function isRemoval({ call }: Fault): boolean {
  return call.name === 'unlink' || call.name === 'rmdir' || (!call.changes && call.text.includes('/lock'))
}

function judgeFault(bench: Bench, fault: Fault, ended: BuiltRun, home: TestHome, judge: Judge): readonly string[] {
  if (fault.kind === 'KILL') return judge.unfinished(home, [bench.old, bench.new], true)
  if (fault.kind === 'LOST') {
    const isTold = ended.exitCode === 1 && ended.stderr.includes('does not hold what was written')
    return [...(isTold ? [] : [`${ended.exitCode}: ${ended.stderr}`]), ...judge.mismatch(home)]
  }
  // Only what cannot be removed stays.
  const stays = isRemoval(fault) || (fault.lasting === true && fault.call.name === 'openat')
  return judgeEnd(bench, ended, home, judge, { stays, mayBeBetween: fault.lasting === true })
}

/** Whether it is about a `.env` file of which a warning says that it was not touched: one of several may be. */
function isLeftAlone(difference: string, stderr: string): boolean {
  return difference.startsWith('.env: ') && /^warning: .+ It was left as it is\.$/m.test(stderr)
}

/** Whether a run that was not killed ended in a permitted way: complete, or with an error and everything as it was. */
export function judgeEnd(
  bench: Bench,
  { exitCode, stderr }: BuiltRun,
  home: TestHome,
  judge: Judge,
  { stays = false, mayBeBetween = false }: { readonly stays?: boolean; readonly mayBeBetween?: boolean } = {},
): readonly string[] {
  const states = [bench.old, bench.new]
  const wrong = [...judge.unfinished(home, states, stays)]
  if (exitCode === 0) {
    const untold = judge.differences(home, bench.new).filter((line) => !isLeftAlone(line, stderr))
    if (!stays) wrong.push(...untold.map((line) => `said to be done, but ${line}`))
    const token = judge.token(home)
    if (bench.scenario.command[0] !== 'unset' && (token === undefined || token === judge.token(bench.template))) {
      wrong.push('said to be done, but the token is not a new one')
    }
  } else if (exitCode === 1) {
    if (!/^error: .+\.\nhint: .+\n$/m.test(stderr)) wrong.push(`no sentence with a hint: ${stderr}`)
    const isWhole = states.some((state) => judge.differences(home, state).length === 0)
    if (!isWhole && !stays && !mayBeBetween) {
      wrong.push(...judge.differences(home, bench.old).map((line) => `failed, but ${line}`))
    }
  } else {
    wrong.push(`exit code ${exitCode}: ${stderr}`)
  }
  return wrong
}
