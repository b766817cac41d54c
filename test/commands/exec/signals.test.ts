import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { makeHome, type TestHome } from '../../support/homes/home.ts'
import { storeGoodPair } from '../../support/homes/stored-values.ts'
import { BUILT, cleanEnvironment } from '../../support/programs/built.ts'
import { killIfThere } from '../../support/programs/kill.ts'
import { hasProgram } from '../../support/programs/requirements.ts'

/** Writes down every signal it gets, and goes on. */
const COUNTER = `
for (const name of process.argv.slice(2)) process.on(name, () => console.log(name))
setInterval(() => undefined, 1000)
console.log('started ' + process.pid + ' ' + process.ppid)
`
/** SIGWINCH and SIGCONT too: what a program does not handle, Node cannot count. */
const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGALRM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGCONT',
] as const
/** More than the time in which a signal to us and one to our group are the same one. */
const APART_MS = 100

let home: TestHome
let counter: string
beforeAll(() => {
  home = makeHome()
  storeGoodPair(home)
  counter = home.write('counter.mjs', COUNTER)
})
afterAll(() => home.remove())

type Target = 'alone' | 'group'

interface Running {
  /** How the program that was started has ended. */
  readonly exit: Promise<unknown>
  readonly commandId: number
  readonly selfId: number
  /** The signals so far. */
  seen(): readonly string[]
  /** Sends it to acs-env alone, or to its whole process group. */
  send(signal: NodeJS.Signals, to: Target): void
}

/** The built program with a command that counts signals, in a session of its own. */
async function startCounter({ expect, onTestFinished }: TestContext, under: readonly string[] = []): Promise<Running> {
  const [program, ...args] = [...under, process.execPath, BUILT, 'exec', '--', process.execPath, counter, ...SIGNALS]
  const child = spawn(program, args, {
    env: cleanEnvironment(home.path),
    cwd: home.path,
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  await expect.poll(() => said, { timeout: 20_000 }).toContain('\n')
  const [, commandId = 0, selfId = 0] = (/started (\d+) (\d+)/.exec(said) ?? []).map(Number)
  const groupId = Number(execFileSync('ps', ['-o', 'pgid=', '-p', String(selfId)], { encoding: 'utf8' }))
  onTestFinished(() => {
    for (const id of [groupId, child.pid ?? groupId]) killIfThere(-id, 'SIGKILL')
  })
  // The witness starts behind the command.
  await pause(150)
  return {
    exit: once(child, 'exit'),
    commandId,
    selfId,
    seen: () => said.split('\n').slice(1, -1),
    send: (signal, to) => void process.kill(to === 'alone' ? selfId : -groupId, signal),
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const isStopped = (processId: number): boolean => / T /.test(readFileSync(`/proc/${processId}/stat`, 'latin1'))

describe.concurrent('a signal reaches the command exactly once', () => {
  /** Sends each once the one before has come, and looks at the end whether any came twice. */
  async function expectEach(
    { expect }: TestContext,
    running: Running,
    sent: readonly [NodeJS.Signals, ...Target[]][],
  ): Promise<void> {
    const expected: string[] = []
    for (const [signal, ...targets] of sent) {
      expected.push(signal)
      const startedMs = performance.now()
      for (const target of targets) running.send(signal, target)
      const isOne = performance.now() - startedMs < APART_MS / 5
      await expect.poll(() => running.seen().length, { timeout: 5000 }).toBeGreaterThanOrEqual(expected.length)
      await pause(APART_MS)
      // Where this process was held up between the two, they may count as two.
      if (!isOne && running.seen().length > expected.length) expected.push(signal)
      expect(running.seen()).toEqual(expected)
    }
  }
  const each = (count: number, targets: (index: number) => readonly Target[]): [NodeJS.Signals, ...Target[]][] =>
    Array.from({ length: count }, (_, index) => [SIGNALS[index % SIGNALS.length] ?? 'SIGINT', ...targets(index)])

  it.for([
    ['to acs-env alone', () => ['alone']],
    ['to the whole group', () => ['group']],
    ['to either in turn', (index) => [index % 2 === 0 ? 'alone' : 'group']],
    ['to acs-env first and to the group right after', () => ['alone', 'group']],
    ['to the group and then to acs-env', () => ['group', 'alone']],
  ] satisfies [string, (index: number) => Target[]][])(
    'sent %s',
    { timeout: 120_000 },
    async ([, targets], context) => {
      await expectEach(context, await startCounter(context), each(54, targets))
    },
  )
})

describe.runIf(hasProgram('timeout'))('a time limit of `timeout`', () => {
  it.concurrent.for(['INT', 'TERM', 'INT', 'TERM', 'INT'])(
    'sends SIG%s once',
    { timeout: 20_000 },
    async (name, context) => {
      const running = await startCounter(context, ['timeout', '-s', name, '4'])
      await context.expect.poll(running.seen, { timeout: 8000 }).toContain(`SIG${name}`)
      await pause(300)
      expect(running.seen().filter((signal) => signal !== 'SIGCONT')).toEqual([`SIG${name}`])
    },
  )
})

describe.runIf(process.platform === 'linux')('SIGTSTP', () => {
  /** A shell with job control: programs in a group that no shell looks after cannot be stopped by it. */
  const JOB_CONTROL = ['bash', '-c', 'set -m; "$@" & sleep 60; exit', 'bash']

  it.concurrent.for(['alone', 'group'] as const)('stops both, and SIGCONT continues both: %s', async (to, context) => {
    const { expect } = context
    const running = await startCounter(context, JOB_CONTROL)
    const areStopped = (): readonly boolean[] => [running.selfId, running.commandId].map(isStopped)
    for (let count = 0; count < 5; count += 1) {
      running.send('SIGTSTP', to)
      await expect.poll(areStopped).toEqual([true, true])
      running.send('SIGCONT', to)
      await expect.poll(areStopped).toEqual([false, false])
      await pause(APART_MS)
    }
    expect(running.seen()).toEqual(Array.from({ length: 5 }, () => 'SIGCONT'))
  })

  it('stops neither where no shell would continue them', async (context) => {
    const running = await startCounter(context)
    running.send('SIGTSTP', 'alone')
    await pause(800)
    expect([running.selfId, running.commandId].map(isStopped)).toEqual([false, false])
  })
})

describe.runIf(process.platform === 'linux' && hasProgram('nohup'))('SIGHUP that was ignored', () => {
  const SCRIPTS = [
    ['by nohup', 'bash', 'nohup "$@"'],
    ['by nohup', 'zsh', 'nohup "$@"'],
    ['by nohup', 'ksh', 'nohup "$@"'],
    ['by nohup in the background', 'bash', 'nohup "$@" & wait'],
    ['by the script that starts it', 'bash', 'trap "" HUP; "$@"; exit'],
    ['by the script that starts it', 'dash', 'trap "" HUP; "$@"; exit'],
    ['by nohup around the script', 'bash', 'nohup sh -c \'"$@"; exit\' sh "$@"'],
  ] as const

  it.for(SCRIPTS.filter(([, shell]) => hasProgram(shell)))(
    'stays ignored: %s, %s',
    async ([, shell, script], context) => {
      const running = await startCounter(context, [shell, '-c', script, shell])
      running.send('SIGHUP', 'alone')
      running.send('SIGTERM', 'alone')
      await context.expect.poll(running.seen, { timeout: 5000 }).toEqual(['SIGTERM'])
      const command = [process.execPath, BUILT, 'exec', '--', 'grep', 'SigIgn', '/proc/self/status']
      const { stdout } = spawnSync(shell, ['-c', script, shell, ...command], {
        env: cleanEnvironment(home.path),
        cwd: home.path,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      // The lowest bit is signal 1.
      expect(stdout).toMatch(/^SigIgn:\s+[\da-f]+[13579bdf]\n$/)
    },
  )

  it('is not ignored otherwise', async (context) => {
    const running = await startCounter(context, ['bash', '-c', '"$@"; exit', 'bash'])
    running.send('SIGHUP', 'alone')
    const { expect } = context
    await expect.poll(running.seen).toEqual(['SIGHUP'])
  })
})

it('gives 128 and the number for a signal to the group that ends both', async ({ onTestFinished }) => {
  const child = spawn(process.execPath, [BUILT, 'exec', '--', 'sh', '-c', 'echo ready; exec sleep 30'], {
    env: cleanEnvironment(home.path),
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  process.kill(-(child.pid ?? 0), 'SIGTERM')
  expect(await once(child, 'exit')).toEqual([128 + constants.signals.SIGTERM, null])
})
