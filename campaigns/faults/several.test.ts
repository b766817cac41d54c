import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TestHome } from '../../test/support/homes/home.ts'
import { startResources, type Resources } from '../../test/support/homes/resources.ts'
import { runInWorld, type WorldRun } from '../../test/support/homes/world.ts'
import { hasProgram } from '../../test/support/programs/requirements.ts'
import { byLength, runCampaign, seed } from '../support/campaign.ts'
import { changingPart, copyOf, describeCase, makeBenchesOfSeveral, type Bench, type Case } from './bench.ts'
import { createJudge, type Judge } from './judge.ts'
import { ERRNOS, runTraced, wasInjected, wrongOrder } from './strace.ts'

const OWN = '.config/acs-env'
const PARKED = ['default', 'staging']
const VALUES = ['connection-string', 'access-token'] as const

let resources: Resources
let judge: Judge
let benches: readonly Bench[]

const run = (args: readonly string[], home: TestHome): Promise<WorldRun> =>
  runInWorld(args, home.path, { env: { SHELL: '/bin/bash' } })

function valueAt(home: TestHome, path: string): string | undefined {
  return existsSync(join(home.path, OWN, path)) ? home.read(`${OWN}/${path}`) : undefined
}

/** Every connection string that is in some place of ours, a profile included. */
function keysIn(home: TestHome): ReadonlySet<string | undefined> {
  const files = ['.', ...PARKED.map((name) => `resources/${name}`)].map((folder) =>
    valueAt(home, `${folder}/connection-string`),
  )
  const { a, b } = resources
  const profiles = ['.bash_profile', '.bashrc'].filter((name) => existsSync(join(home.path, name)))
  const inline = [a, b]
    .map(({ connectionString }) => connectionString)
    .filter((key) => profiles.some((name) => home.read(name).includes(key)))
  return new Set([...files, ...inline].map(resources.resourceOf).filter((which) => which !== undefined))
}

/**
 * What must never happen: the key of one resource beside the token of another, in new shells or parked; or a lost key.
 */
function wrongAtAnyMoment(home: TestHome, before: ReadonlySet<string | undefined>): readonly string[] {
  const keys = keysIn(home)
  const mixed = PARKED.filter(
    (name) => !resources.isPair(VALUES.map((file) => valueAt(home, `resources/${name}/${file}`))),
  )
  const open = home
    .list()
    .filter((path) => path.startsWith(`${OWN}/`) && (lstatSync(join(home.path, path)).mode & 0o077) !== 0)
  return [
    ...judge.mismatch(home),
    ...mixed.map((name) => `${name} is parked with a pair of two resources`),
    ...[...before].filter((key) => !keys.has(key)).map((key) => `the key of ${key} is lost`),
    ...open.map((path) => `${path} is readable by others`),
  ]
}

/** What an interrupted change has left, and should not: a copy of the current resource, or temporary files. */
function wrongAtRest(home: TestHome, when: string): readonly string[] {
  const state = valueAt(home, 'state.json')
  const name = state === undefined ? undefined : (JSON.parse(state) as { name?: string }).name
  return [
    ...(name !== undefined && existsSync(join(home.path, OWN, 'resources', name))
      ? [`${when} the current one has a copy`]
      : []),
    ...home
      .list()
      .filter((path) => /\.acs-env-/.test(path))
      .map((path) => `${when} ${path} is left`),
  ]
}

/** Does the command with the fault, then what somebody may do next, and then removes everything. */
async function runCase({ bench, fault }: Case, next: 'again' | 'refresh'): Promise<readonly string[]> {
  const { scenario, template, original } = bench
  const home = copyOf(template)
  // A key that the command removes may be gone.
  const keys = scenario.command[0] === 'unset' ? new Set<string>() : keysIn(template)
  try {
    const traced = await runTraced(scenario.command, home.path, fault)
    if (!wasInjected(traced, home.path, fault)) return ['the fault was not put in']
    const wrong = [...wrongAtAnyMoment(home, keys)]
    if (fault.kind !== 'KILL') wrong.push(...judgeEnd(bench, home, traced.exitCode, traced.stderr, fault.call.name))
    const env = await run(['env', '--format', 'json'], home)
    if (env.exitCode === 0) {
      const values = JSON.parse(env.stdout) as Record<string, string>
      const pair = [values.AZURE_COMMUNICATION_CONNECTION_STRING, values.AZURE_COMMUNICATION_ACCESS_TOKEN]
      if (!resources.isPair(pair)) wrong.push('"env" prints a pair of two resources')
    }
    const second = next === 'again' ? scenario.command : ['refresh']
    const again = await run(second, home)
    // Where none is the current one, there is nothing to renew.
    const isNothing = next === 'refresh' && /No access token is stored/.test(again.stderr)
    if (again.exitCode !== 0 && !isNothing) wrong.push(`${second[0]} ends with ${again.exitCode}: ${again.stderr}`)
    else wrong.push(...wrongAtAnyMoment(home, keys), ...(isNothing ? [] : wrongAtRest(home, `after ${second[0]}`)))
    if (next === 'again') {
      const different = judge.differences(home, bench.new)
      wrong.push(...different.map((line) => `after the next run ${line}`))
    }
    const last = await run(['unset', '--all', '--yes'], home)
    if (last.exitCode !== 0) wrong.push(`unset ends with ${last.exitCode}: ${last.stderr}`)
    // A run that was killed does not know who made an empty ~/.config.
    const left = judge.differences(home, original).filter((line) => scenario.foreign || !line.startsWith('.config: '))
    return [...wrong, ...left.map((line) => `after unset ${line}`)]
  } finally {
    home.remove()
  }
}

/** A run that was not killed ends in a permitted way: complete, or with an error and everything as it was. */
function judgeEnd(
  bench: Bench,
  home: TestHome,
  exitCode: number | null,
  stderr: string,
  call: string,
): readonly string[] {
  // Only what cannot be removed stays.
  if (call === 'unlink' || call === 'rmdir') return []
  const isOld = judge.differences(home, bench.old).length === 0
  const isNew = judge.differences(home, bench.new).length === 0
  if (exitCode === 0)
    return isNew ? [] : judge.differences(home, bench.new).map((line) => `said to be done, but ${line}`)
  if (exitCode !== 1 || !/^error: .+\.\nhint: .+\n$/m.test(stderr)) return [`exit code ${exitCode}: ${stderr}`]
  return isOld || isNew ? [] : judge.differences(home, bench.old).map((line) => `failed, but ${line}`)
}

describe.skipIf(!hasProgram('strace', '-V'))('a change of the current resource', () => {
  beforeAll(async () => {
    resources = await startResources()
    judge = createJudge(resources)
    benches = await makeBenchesOfSeveral(resources, judge)
  })
  afterAll(() => {
    for (const { template } of benches) template.remove()
    return resources.close()
  })

  it('that is killed at any call loses no key, mixes no pair, and is finished by the next run', async () => {
    const cases = benches.flatMap((bench) =>
      changingPart(bench.calls)
        .filter(({ changes }) => changes)
        .map((call): Case => ({ bench, fault: { call, kind: 'KILL' } })),
    )
    for (const next of byLength(['again'] as const, ['again', 'refresh'] as const)) {
      const options = { describe: describeCase, run: (item: Case) => runCase(item, next) }
      await expect(
        runCampaign(`faults, several resources, kill -9, then ${next}`, cases, options),
      ).resolves.toBeUndefined()
    }
  })

  it('that is killed is finished, or taken back, by a refresh too', async () => {
    const cases = benches
      .slice(0, 2)
      .flatMap((bench) =>
        bench.calls
          .filter(({ name }) => name === 'rename' || name === 'unlink')
          .map((call): Case => ({ bench, fault: { call, kind: 'KILL' } })),
      )
    const options = { describe: describeCase, run: (item: Case) => runCase(item, 'refresh') }
    await expect(
      runCampaign('faults, several resources, kill -9, then refresh', cases, options),
    ).resolves.toBeUndefined()
  })

  it('in which a call fails leaves all as it was, or is done', async () => {
    const all = benches.flatMap((bench) =>
      bench.calls
        .filter(({ changes }) => changes)
        .flatMap((call) => ERRNOS.map((kind): Case => ({ bench, fault: { call, kind } }))),
    )
    const step = Math.ceil(all.length / 40)
    const cases = byLength(
      all.filter((_, index) => index % step === seed % step),
      all,
    )
    const options = { describe: describeCase, run: (item: Case) => runCase(item, 'again') }
    await expect(runCampaign('faults, several resources, one call fails', cases, options)).resolves.toBeUndefined()
  })

  it('forces every file to disk before it takes another’s place, and the directory afterwards', () => {
    for (const { scenario, calls } of benches) expect([scenario.name, wrongOrder(calls)]).toEqual([scenario.name, []])
  })
})
