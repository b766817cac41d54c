import type { ChildProcess } from 'node:child_process'
import type { Writable } from 'node:stream'
import { systemCode } from '../errors.ts'
import { builtin } from './builtin.ts'
import { parentIgnoresHangup } from './inherited-descriptors.ts'
import { rawLaunch } from './raw-launch.ts'
import { startSignalRelay } from './signal-relay.ts'
import { isTerminal } from './streams.ts'
import type { Environment, ForegroundResult } from './system.ts'
import { windowsLaunch } from './windows-command.ts'

/** How to start a program with node:child_process. */
interface Launch {
  readonly program: string
  readonly args: readonly string[]
  /** Windows: the arguments are one command line already. */
  readonly verbatim?: boolean
  /** What it reads from a descriptor of its own. */
  readonly script?: { readonly descriptor: number; readonly bytes: Buffer }
}

/**
 * Runs a program in our place: its standard streams and the `descriptors` are ours, and what signals come to us reach it.
 *
 * Node cannot replace this process by another one (`process.execve` is experimental, and not in Node 20), so we stay and
 * wait. What a program in our place would have and this one has not: signals that were ignored, all but SIGHUP after
 * `nohup`, since Node resets them before any code runs; and the process id that our parent knows.
 *
 * @param descriptors those beyond the standard streams that it gets, as `inheritedDescriptors` has found them
 */
export function runForeground(
  program: string,
  args: readonly string[],
  env: Environment,
  descriptors: readonly number[],
): Promise<ForegroundResult> {
  const ignored = ignoredSignals(env)
  const launch = launchOf(program, args, { env, descriptors, ignored })
  // Before the command is there: a signal right after its start would end us alone.
  const relay = startSignalRelay(ignored)
  return new Promise<ForegroundResult>((resolve) => {
    const child = start(launch, env, descriptors)
    if ('notStarted' in child) {
      resolve({ kind: 'not-started', code: child.notStarted })
      return
    }
    child.once('error', (error) => resolve({ kind: 'not-started', code: systemCode(error) }))
    child.once('exit', (exitCode, signal) => {
      if (signal === null) resolve({ kind: 'exited', exitCode: exitCode ?? 0 })
      else resolve({ kind: 'killed', signal: builtin('node:os').constants.signals[signal] })
    })
    if (child.pid !== undefined) relay.relayTo(child)
  }).finally(() => relay.end())
}

interface LaunchOptions {
  readonly env: Environment
  readonly descriptors: readonly number[]
  readonly ignored: ReadonlySet<NodeJS.Signals>
}

function launchOf(program: string, args: readonly string[], { env, descriptors, ignored }: LaunchOptions): Launch {
  if (process.platform === 'win32') return windowsLaunch(program, args, env)
  const raw = rawLaunch([program, ...args], env, descriptors)
  const launch: Launch =
    raw === undefined
      ? { program, args }
      : { program: raw.program, args: raw.args, script: { descriptor: raw.descriptor, bytes: raw.script } }
  // libuv too resets every signal in what it starts, so somebody has to ignore it anew.
  return ignored.has('SIGHUP') ? { ...launch, program: 'nohup', args: [launch.program, ...launch.args] } : launch
}

/**
 * SIGHUP, where `nohup` was used: bash, zsh and ksh leave the path of what they started in `_`, and a parent that ignores
 * it has made us ignore it. At a terminal `nohup` would turn the streams elsewhere, so there it is left.
 */
function ignoredSignals({ _: startedAs = '' }: Environment): ReadonlySet<NodeJS.Signals> {
  if (process.platform === 'win32' || [0, 1, 2].some((descriptor) => isTerminal(descriptor))) return new Set()
  return new Set(/(^|\/)nohup$/.test(startedAs) || parentIgnoresHangup() ? ['SIGHUP' as const] : [])
}

function start(
  { program, args, verbatim = false, script }: Launch,
  env: Environment,
  descriptors: readonly number[],
): ChildProcess | { readonly notStarted: string | undefined } {
  const stdio: (number | 'inherit' | 'ignore' | 'pipe')[] = ['inherit', 'inherit', 'inherit']
  const last = Math.max(2, script?.descriptor ?? 0, ...descriptors)
  // Beyond the standard streams `ignore` is closed.
  for (let number = 3; number <= last; number += 1) stdio.push(descriptors.includes(number) ? number : 'ignore')
  if (script !== undefined) stdio[script.descriptor] = 'pipe'
  try {
    // Without `cwd`: it then starts where we are, also where that is not there any more.
    const child = builtin('node:child_process').spawn(program, args, {
      stdio,
      env,
      windowsVerbatimArguments: verbatim,
    })
    if (script !== undefined) {
      const pipe = child.stdio[script.descriptor] as Writable
      pipe.on('error', () => undefined)
      pipe.end(script.bytes)
    }
    return child
  } catch (error) {
    // Node tells the usual failures by an event, and throws the others.
    return { notStarted: systemCode(error) }
  }
}
