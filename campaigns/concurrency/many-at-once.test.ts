import { statSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeHome, type TestHome } from '../../test/support/homes/home.ts'
import { startResources, type Resources } from '../../test/support/homes/resources.ts'
import type { BuiltRun } from '../../test/support/programs/built.ts'
import { byLength, reportCampaign, seed } from '../support/campaign.ts'
import { beginRound, endsWithin, isInterrupted, LATE, POLL_MS, PROCESSES, readPair, type End } from './round.ts'

/** The shells of two hundred setups would all be too slow: with them there are fewer. */
const WITHOUT_LOOK = ['setup', '--no-verify', '--connection-string']
const WITH_LOOK = ['setup', '--connection-string']
const PROCESSES_WITH_LOOK = 16
const TOKEN = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
const PROFILES: Readonly<Record<string, string>> = {
  '.bash_profile': `\xef\xbb\xbfmine\r\n\xff\xfe\r\nexport ${TOKEN}='by hand'\nlast, without an end`,
  '.bashrc': 'case $- in *i*) ;; *) return ;; esac\n',
}

/** One process: what it does, and how it is ended, if it is. */
interface Process {
  readonly command: 'setup a' | 'setup b' | 'refresh' | 'unset' | 'status'
  readonly end: End
}

const processes: fc.Arbitrary<Process> = fc.record({
  command: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('setup a', 'setup b') },
    { weight: 5, arbitrary: fc.constant('refresh') },
    { weight: 1, arbitrary: fc.constant('unset') },
    { weight: 2, arbitrary: fc.constant('status') },
  ),
  end: endsWithin(9),
})

/** What each command may end with where nobody ends it, and what it may say with exit code 1. */
const ENDS: Readonly<Record<Process['command'], readonly [codes: readonly number[], failure: string]>> = {
  'setup a': [[0, 1], LATE],
  'setup b': [[0, 1], LATE],
  // After another one's unset, or its change of resource.
  refresh: [[0, 1], `${LATE}|No access token is stored|The stored token is not one of`],
  unset: [[0, 1], LATE],
  status: [[0, 3], '$'],
}

function problemOf({ command, end }: Process, run: BuiltRun): readonly string[] {
  const { exitCode, signal, stderr } = run
  const [codes, failure] = ENDS[command]
  if (isInterrupted(end, run)) return []
  if (
    exitCode !== null &&
    codes.includes(exitCode) &&
    (exitCode !== 1 || new RegExp(`^error: (${failure})`, 'm').test(stderr))
  )
    return []
  return [`${command} ended with ${exitCode ?? signal}: ${stderr}`]
}

const profilesOf = (home: TestHome): readonly unknown[] =>
  Object.keys(PROFILES).map((name) => [name, home.read(name), statSync(join(home.path, name)).mode])

const withoutBlock = (text: string): string => text.replace(/# >>> acs-env >>>\n[^]*?# <<< acs-env <<<\n/, '')

/** Two hundred at once; returns what is wrong afterwards, and what the reader saw. */
async function tryRound(
  all: readonly Process[],
  setup: readonly string[],
  { a, b, resourceOf, isPair }: Resources,
): Promise<{ readonly wrong: readonly string[]; readonly pairs: number; readonly ends: ReadonlyMap<string, number> }> {
  const home = makeHome()
  for (const [name, text] of Object.entries(PROFILES)) home.write(name, Buffer.from(text, 'latin1'))
  home.write('.config/other', 'mine')
  const before = profilesOf(home)
  const { wrong, ends, expectEqual, finish, run } = beginRound(home)
  let pairs = 0

  const argsOf = (command: Process['command']): readonly string[] => {
    if (command === 'setup a') return [...setup, a.connectionString]
    return command === 'setup b' ? [...setup, b.connectionString] : [command]
  }
  await finish(argsOf('setup a'))
  const reader = setInterval(() => {
    const pair = readPair(home)
    if (pair === undefined) return
    if (pair[1] !== undefined) pairs += 1
    if (!isPair(pair)) wrong.push(`one resource's key with another's token: ${pair.map(resourceOf).join()}`)
  }, POLL_MS)
  const judge = async (process: Process): Promise<void> => {
    const result = await run(process.command, argsOf(process.command), process.end)
    wrong.push(...problemOf(process, result))
  }
  await Promise.all(all.map(judge))
  clearInterval(reader)

  await finish(argsOf('setup a'))
  expectEqual(
    'what is left over',
    home.list().filter((path) => /lock|\.acs-env-/.test(path)),
    [],
  )
  expectEqual('the last pair', readPair(home)?.map(resourceOf), ['a', 'a'])
  const outside = Object.keys(PROFILES).map((name) => withoutBlock(home.read(name)))
  // The last line has an ending as long as the block stands behind it.
  const withoutExport = Object.values(PROFILES).map((text) => text.replace(/^export .*\n/m, '').replace(/\n?$/, '\n'))
  expectEqual('outside the block', outside, withoutExport)
  await finish(['status'])
  await finish(['unset'])
  expectEqual('after unset', profilesOf(home), before)
  expectEqual('what is there', home.list(), ['.bash_profile', '.bashrc', '.config', '.config/other'])
  home.remove()
  return { wrong, pairs, ends }
}

it('two hundred at once on one home, with kills in between', async () => {
  const resources = await startResources()
  const rounds = byLength(1, 10)
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now()
    const own = seed + round
    const all = fc.sample(processes, { numRuns: PROCESSES, seed: own })
    const { wrong, pairs, ends } = await tryRound(all, WITHOUT_LOOK, resources)
    reportCampaign(
      `concurrency (seed ${own}, ${pairs} pairs read)`,
      all.length,
      wrong.length,
      performance.now() - started,
    )
    const counts = [...ends].map(([end, count]) => `${end} ×${count}`)
    console.log(counts.toSorted().join(', '))
    expect(wrong.slice(0, 10)).toEqual([])
    // Otherwise nothing was at work at the same time.
    const setups = ['setup a', 'setup b'].map((command) => ends.get(`${command}: 0`) ?? 0)
    expect([pairs > 0, ...setups.map((count) => count > 1)]).toEqual([true, true, true])
  }
  await resources.close()
})

it('some at once on one home, each of which opens new shells', async () => {
  const resources = await startResources()
  const started = performance.now()
  const all = fc.sample(processes, { numRuns: PROCESSES_WITH_LOOK, seed })
  const { wrong, ends } = await tryRound(all, WITH_LOOK, resources)
  reportCampaign(`concurrency, with new shells (seed ${seed})`, all.length, wrong.length, performance.now() - started)
  console.log([...ends].map(([end, count]) => `${end} ×${count}`).join(', '))
  expect(wrong.slice(0, 10)).toEqual([])
  await resources.close()
})
