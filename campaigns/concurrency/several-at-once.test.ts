import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeHome } from '../../test/support/homes/home.ts'
import { startResources, type Resources } from '../../test/support/homes/resources.ts'
import { runBuilt, type BuiltRun } from '../../test/support/programs/built.ts'
import { byLength, reportCampaign, seed } from '../support/campaign.ts'
import { beginRound, endsWithin, isInterrupted, LATE, POLL_MS, PROCESSES, readPair, type End } from './round.ts'

const NAMES = ['AZURE_COMMUNICATION_CONNECTION_STRING', 'AZURE_COMMUNICATION_ACCESS_TOKEN'] as const
const PROFILE = 'mine, without an end'

/** `first` is always the resource a, and `second` always b. */
const COMMANDS = [
  'use first',
  'use second',
  'refresh',
  'refresh --name first',
  'refresh --all',
  'setup --name first',
  'setup --name second',
  'exec env',
  'exec --name second env',
  'token --name first',
  'status --all',
] as const

/** One process: what it does, and how it is ended, if it is. */
interface Process {
  readonly command: (typeof COMMANDS)[number]
  readonly end: End
}

const processes: fc.Arbitrary<Process> = fc.record({
  command: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('use first', 'use second') },
    { weight: 9, arbitrary: fc.constantFrom(...COMMANDS) },
  ),
  end: endsWithin(14),
})

/** The errors that are right with exit code 1: too late, or another run has just changed the current resource. */
const FAILURE = new RegExp(
  `^error: (?:${LATE}|No access token is stored|The stored token is not one of|The token of [a-z, ]+ could not be renewed)`,
  'm',
)

/** What is wrong with an answer: it has to be of one resource, and of the one that was named. */
function wrongAnswer(
  command: Process['command'],
  stdout: string,
  { resourceOf, isPair }: Resources,
): readonly string[] {
  if (command === 'token --name first') return resourceOf(stdout.trim()) === 'a' ? [] : [`${command} printed another`]
  if (!command.endsWith(' env')) return []
  const values = NAMES.map((name) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1])
  const isOther = command === 'exec --name second env' && values.map(resourceOf).some((which) => which === 'a')
  return isPair(values) && !isOther ? [] : [`${command} handed on ${values.map(resourceOf).join()}`]
}

function problemsOf({ command, end }: Process, run: BuiltRun, resources: Resources): readonly string[] {
  const { exitCode, signal, stdout, stderr } = run
  if (isInterrupted(end, run)) return []
  if (exitCode === 0) return wrongAnswer(command, stdout, resources)
  // A token may be missing for a moment, or until the next change.
  if (command === 'status --all' && exitCode === 3) return []
  return exitCode === 1 && FAILURE.test(stderr) ? [] : [`${command} ended with ${exitCode ?? signal}: ${stderr}`]
}

interface Outcome {
  readonly wrong: readonly string[]
  readonly pairs: number
  readonly ends: ReadonlyMap<string, number>
}

/** Two hundred at once; returns what is wrong afterwards, and what the reader saw. */
async function tryRound(all: readonly Process[], resources: Resources): Promise<Outcome> {
  const { a, b, resourceOf, isPair } = resources
  const home = makeHome()
  home.write('.bash_profile', PROFILE)
  home.write('.config/other', 'mine')
  const { wrong, ends, expectEqual, finish, run } = beginRound(home)
  let pairs = 0
  const setup = (name: string, connectionString: string): readonly string[] => [
    'setup',
    '--no-verify',
    '--name',
    name,
    '--connection-string',
    connectionString,
  ]
  const argsOf = (command: Process['command']): readonly string[] => {
    if (command === 'setup --name first') return setup('first', a.connectionString)
    return command === 'setup --name second' ? setup('second', b.connectionString) : command.split(' ')
  }
  await finish(argsOf('setup --name first'))
  await finish(argsOf('setup --name second'))
  const reader = setInterval(() => {
    for (const folder of ['.', 'resources/first', 'resources/second']) {
      const pair = readPair(home, folder)
      if (pair === undefined) continue
      if (pair[1] !== undefined) pairs += 1
      if (!isPair(pair))
        wrong.push(`one resource's key with another's token in ${folder}: ${pair.map(resourceOf).join()}`)
    }
  }, POLL_MS)
  const judge = async (process: Process): Promise<void> => {
    const result = await run(process.command, argsOf(process.command), process.end)
    wrong.push(...problemsOf(process, result, resources))
  }
  await Promise.all(all.map(judge))
  clearInterval(reader)

  await finish(['use', 'second'])
  await finish(['use', 'first'])
  await finish(['refresh', '--all'])
  const left = home.list().filter((path) => /lock|\.acs-env-/.test(path))
  expectEqual('what is left over', left, [])
  expectEqual('the current pair', readPair(home, '.')?.map(resourceOf), ['a', 'a'])
  expectEqual('the parked pair', readPair(home, 'resources/second')?.map(resourceOf), ['b', 'b'])
  const listed = JSON.parse((await runBuilt(['use', '--json'], { home: home.path })).stdout) as {
    readonly resources: readonly { readonly name: string }[]
  }
  expectEqual(
    'all of them',
    listed.resources.map(({ name }) => name),
    ['first', 'second'],
  )
  await finish(['status', '--all'])
  await finish(['unset', '--all'])
  expectEqual('what is there', home.list(), ['.bash_profile', '.config', '.config/other'])
  expectEqual('the profile', home.read('.bash_profile'), PROFILE)
  home.remove()
  return { wrong, pairs, ends }
}

it('two hundred at once that change which of two resources is the current one, with kills in between', async () => {
  const resources = await startResources()
  const rounds = byLength(1, 5)
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now()
    const own = seed + round
    const all = fc.sample(processes, { numRuns: PROCESSES, seed: own })
    const { wrong, pairs, ends } = await tryRound(all, resources)
    const elapsedMs = performance.now() - started
    reportCampaign(
      `concurrency, several resources (seed ${own}, ${pairs} pairs read)`,
      all.length,
      wrong.length,
      elapsedMs,
    )
    console.log(
      [...ends]
        .map(([end, count]) => `${end} ×${count}`)
        .toSorted()
        .join(', '),
    )
    expect(wrong.slice(0, 10)).toEqual([])
    // Otherwise nothing ran at the same time.
    const changed = ['use first', 'use second'].map((command) => ends.get(`${command}: 0`) ?? 0)
    expect([pairs > 0, ...changed.map((count) => count > 1)]).toEqual([true, true, true])
  }
  await resources.close()
})
