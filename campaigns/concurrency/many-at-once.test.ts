import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeHome, type TestHome } from '../../test/support/homes/home.ts'
import { startResources, type Resources } from '../../test/support/homes/resources.ts'
import { runBuilt, type BuiltRun } from '../../test/support/programs/built.ts'
import { byLength, reportCampaign, seed } from '../support/campaign.ts'

const PROCESSES = 200
const POLL_MS = 3
const OWN = '.config/acs-env'
const KILL_AFTER = join(import.meta.dirname, 'kill-after.cjs')
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
  /** By a signal some time after its start, or killed right after it has replaced or removed so many files. */
  readonly end:
    | { readonly signal: NodeJS.Signals; readonly afterMs: number }
    | { readonly killAfter: number }
    | undefined
}

const processes: fc.Arbitrary<Process> = fc.record({
  command: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('setup a', 'setup b') },
    { weight: 5, arbitrary: fc.constant('refresh') },
    { weight: 1, arbitrary: fc.constant('unset') },
    { weight: 2, arbitrary: fc.constant('status') },
  ),
  end: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({
        signal: fc.constantFrom('SIGKILL', 'SIGTERM', 'SIGINT'),
        afterMs: fc.integer({ min: 0, max: 12_000 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ killAfter: fc.integer({ min: 1, max: 9 }) }) },
  ),
})

/** With two hundred on two processors, a service that answers at once may still answer too late. */
const LATE = String.raw`Another acs-env is still at work\.|127\.0\.0\.1:\d+ did not answer in time\.`
/** What each command may end with where nobody ends it, and what it may say with exit code 1. */
const ENDS: Readonly<Record<Process['command'], readonly [codes: readonly number[], failure: string]>> = {
  'setup a': [[0, 1], LATE],
  'setup b': [[0, 1], LATE],
  // After another one's unset, or its change of resource.
  refresh: [[0, 1], `${LATE}|No access token is stored|The stored token is not one of`],
  unset: [[0, 1], LATE],
  status: [[0, 3], '$'],
}

function problemOf({ command, end }: Process, { exitCode, signal, stderr }: BuiltRun): readonly string[] {
  const [codes, failure] = ENDS[command]
  const isInterrupted = end !== undefined && (signal !== null || exitCode === 130)
  if (isInterrupted) return []
  if (
    exitCode !== null &&
    codes.includes(exitCode) &&
    (exitCode !== 1 || new RegExp(`^error: (${failure})`, 'm').test(stderr))
  )
    return []
  return [`${command} ended with ${exitCode ?? signal}: ${stderr}`]
}

/** The stored pair where it stood still while it was read: two files are never read in one instant. */
function readPair(home: TestHome): readonly (string | undefined)[] | undefined {
  const read = (): readonly (string | undefined)[] =>
    ['connection-string', 'access-token'].map((name) => {
      try {
        return readFileSync(join(home.path, OWN, name), 'utf8')
      } catch {
        return undefined
      }
    })
  const [first, second] = [read(), read()]
  return first.join() === second.join() ? first : undefined
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
  const wrong: string[] = []
  const ends = new Map<string, number>()
  let pairs = 0

  const argsOf = (command: Process['command']): readonly string[] => {
    if (command === 'setup a') return [...setup, a.connectionString]
    return command === 'setup b' ? [...setup, b.connectionString] : [command]
  }
  const expectEqual = (what: string, actual: unknown, expected: unknown): void => {
    if (JSON.stringify(actual) !== JSON.stringify(expected)) {
      wrong.push(`${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)
    }
  }
  const finish = async (args: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await runBuilt(args, { home: home.path })
    expectEqual(`${args[0]} alone says ${stderr} and ends with`, exitCode, 0)
  }
  await finish(argsOf('setup a'))
  const reader = setInterval(() => {
    const pair = readPair(home)
    if (pair === undefined) return
    if (pair[1] !== undefined) pairs += 1
    if (!isPair(pair)) wrong.push(`one resource's key with another's token: ${pair.map(resourceOf).join()}`)
  }, POLL_MS)
  const run = async (process: Process): Promise<void> => {
    const { command, end } = process
    const isHooked = end !== undefined && 'killAfter' in end
    const result = await runBuilt(argsOf(command), {
      home: home.path,
      ...(isHooked && { env: { NODE_OPTIONS: `--require=${KILL_AFTER}`, KILL_AFTER: String(end.killAfter) } }),
      ...(end !== undefined && !isHooked && { sends: end }),
    })
    wrong.push(...problemOf(process, result))
    const key = `${command}: ${result.exitCode ?? result.signal}`
    ends.set(key, (ends.get(key) ?? 0) + 1)
  }
  await Promise.all(all.map(run))
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
