import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { startSignalWitness, type SignalWitness } from './signal-witness.ts'
import { isTerminal } from './streams.ts'

/** The signals to pass on to a command that runs in our place. SIGKILL and SIGSTOP cannot be passed on. */
const RELAYED: readonly NodeJS.Signals[] = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGTERM',
  'SIGALRM',
  'SIGUSR1',
  'SIGUSR2',
  'SIGWINCH',
  'SIGCONT',
]
/** What a terminal sends, always to the whole foreground group. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGWINCH', 'SIGTSTP']
/** A console on Windows tells every program in it. SIGHUP: it is being closed. */
const OF_CONSOLE: readonly NodeJS.Signals[] = ['SIGINT', 'SIGBREAK', 'SIGHUP']

/**
 * What follows a signal within this time is the same signal: `timeout` sends one to us and then one to our group, which
 * a program that is alone gets as one.
 */
const SETTLE_MS = 50
const STOP_MS = 500
const LOOK_AGAIN_MS = 10

/** Passes our signals on to the command. */
export interface SignalRelay {
  /** The command has been started: it gets what has come since `startSignalRelay`, and what comes from now on. */
  relayTo(child: ChildProcess): void
  /** Signals do to us again what they do to any program. */
  end(): void
}

/**
 * Takes the signals that come to us, so that each reaches the command once. One that was sent to the whole process group
 * (Ctrl+C, `kill -TERM -PGID`, a service manager) has reached the command already. Node does not tell who sent a signal
 * nor to whom, so a witness in the same group is asked whether it got the signal too.
 *
 * @param ignored signals that the command ignores, and so do we
 */
export function startSignalRelay(ignored: ReadonlySet<NodeJS.Signals>): SignalRelay {
  return process.platform === 'win32' ? leaveToConsole() : relay(ignored)
}

/** The handlers stay: libuv aborts where one goes while a second Ctrl+C is on its way, and we are about to end. */
function leaveToConsole(): SignalRelay {
  for (const signal of OF_CONSOLE) process.on(signal, () => undefined)
  return { relayTo: () => undefined, end: () => undefined }
}

function relay(ignored: ReadonlySet<NodeJS.Signals>): SignalRelay {
  /** What has come to us, and what has come to the group, and is not dealt with yet. */
  const ours = new Set<NodeJS.Signals>()
  const ofGroup = new Set<NodeJS.Signals>()
  let child: ChildProcess | undefined
  let witness: SignalWitness | undefined
  let timer: NodeJS.Timeout | undefined

  const settleSoon = (): void => {
    timer ??= setTimeout(() => {
      // On a busy machine the timer may be over before a signal that has come meanwhile is taken from the queue.
      setImmediate(() => {
        timer = undefined
        void settle()
      })
    }, SETTLE_MS)
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    if (ignored.has(signal)) return
    ours.add(signal)
    settleSoon()
  }
  const settle = async (): Promise<void> => {
    const signals = [...ours]
    const reported = new Set([...ofGroup, ...signals])
    ours.clear()
    const isKnown = (await witness?.hasReported()) === true
    for (const signal of signals) {
      const hasCome = isKnown ? ofGroup.has(signal) : FROM_TERMINAL.includes(signal) && hasTerminal()
      if (!hasCome) child?.kill(signal)
    }
    // What the witness has got and we have not was merged by the kernel with one that has been dealt with.
    for (const signal of reported) ofGroup.delete(signal)
    if (signals.includes('SIGTSTP') && child !== undefined) await stopAs(child)
  }
  /** Stops us as the command has stopped: the shell waits for us, not for it. */
  const stopAs = async ({ pid }: ChildProcess): Promise<void> => {
    for (let waitedMs = 0; stateOf(pid) === 'running'; waitedMs += LOOK_AGAIN_MS) {
      // It does not want to stop: an interactive shell, or a program without a shell around it.
      if (waitedMs >= STOP_MS) return
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS))
    }
    process.off('SIGTSTP', onSignal)
    // Returns when we are continued.
    process.kill(process.pid, 'SIGTSTP')
    process.on('SIGTSTP', onSignal)
  }

  for (const signal of RELAYED) process.on(signal, onSignal)
  return {
    relayTo: (started) => {
      child = started
      const report = (signal: NodeJS.Signals): void => {
        ofGroup.add(signal)
        settleSoon()
      }
      // Not before: a Ctrl+Z while a program is being started stops that one inside of Node, which waits for it.
      witness = startSignalWitness(report, () => {
        process.off('SIGTSTP', onSignal).on('SIGTSTP', onSignal)
      })
    },
    end: () => {
      clearTimeout(timer)
      witness?.end()
      for (const signal of [...RELAYED, 'SIGTSTP'] as const) process.off(signal, onSignal)
    },
  }
}

/** Without /proc it is not known, and taken to do what most programs do. */
function stateOf(processId: number | undefined): 'running' | 'stopped' | 'unknown' {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'latin1')
    // Behind the name, which may have spaces and parentheses.
    return stat.slice(stat.lastIndexOf(') ') + 2).startsWith('T') ? 'stopped' : 'running'
  } catch {
    return 'unknown'
  }
}

function hasTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isTerminal(descriptor))
}
