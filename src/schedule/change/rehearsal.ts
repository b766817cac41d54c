import { win32 } from 'node:path'
import { CancelledError, CliError, RefusedError } from '../../errors.ts'
import type { Environment, RunResult, System } from '../../system/system.ts'
import { lookUp, system32 } from '../../system/windows-environment.ts'
import { NO_NODE_EXIT } from './launcher.ts'
import { describeEnd } from './perform.ts'

const TIMEOUT_MS = 60_000

/** Failures of the network and the service, which pass, and say nothing against the job. */
const PASSING = new Set([
  'connection_refused',
  'unknown_host',
  'no_network',
  'timeout',
  'connection_broken',
  'request_failed',
  'throttled',
  'service_error',
  'intermediary_answer',
  'proxy_refused',
  'proxy_failed',
  'proxy_no_tunnel',
  'locked',
  'az_network',
  'az_throttled',
  'az_timeout',
])

/** How the rehearsal ended, if not with an error that speaks against the job. */
export type Rehearsal =
  | { readonly kind: 'renewed' }
  /** It cannot be found out now whether the job would work. */
  | { readonly kind: 'postponed'; readonly why: string }

/**
 * Runs the launcher once as a scheduler does: with an environment that has next to nothing in it.
 *
 * @throws RefusedError where the service refuses the credentials; CliError where it could not work as a job
 */
export async function rehearse(launcher: string, system: System, signal: AbortSignal): Promise<Rehearsal> {
  // With options of its own the launcher renews at once.
  const result = await start(launcher, ['--json'], system, signal)
  if (signal.aborted) throw new CancelledError()
  if (result.kind !== 'exited') throw failed(describeEnd(result))
  if (result.exitCode === 0) return { kind: 'renewed' }
  if (result.exitCode === NO_NODE_EXIT) {
    throw new CliError('No Node.js that can run acs-env was found from the environment that the job will have.', {
      code: 'no_node',
      hint: 'install Node.js 20.19 or newer for all programs, not for one shell',
    })
  }
  const error = readError(result.stderr)
  if (error === undefined) throw failed(`exit ${result.exitCode}`)
  if (result.exitCode === 4) throw new RefusedError(error.message, error)
  if (PASSING.has(error.code)) return { kind: 'postponed', why: error.message }
  throw new CliError(`In the environment that the job will have: ${error.message}`, error)
}

function start(launcher: string, args: readonly string[], system: System, signal: AbortSignal): Promise<RunResult> {
  const options = { timeoutMs: TIMEOUT_MS, signal, env: emptied(system) }
  return system.platform === 'win32'
    ? // Where the job runs too: in the user's current directory may be programs that cmd takes for those of Windows.
      system.run(launcher, args, { ...options, workingDirectory: win32.dirname(launcher) })
    : system.run('/bin/sh', [launcher, ...args], options)
}

/** What cron hands on; on Windows what its programs do not start without. */
function emptied({ env, platform }: System): Environment {
  if (platform !== 'win32') return { HOME: env.HOME, PATH: '/usr/bin:/bin' }
  const names = ['SystemRoot', 'SystemDrive', 'ComSpec', 'PATHEXT', 'USERPROFILE', 'LOCALAPPDATA', 'APPDATA']
  const kept = [...names, 'ProgramFiles', 'TEMP', 'TMP'].map((name) => [name, lookUp(env, name)] as const)
  const directory = system32(env)
  return { ...Object.fromEntries(kept), PATH: `${directory};${win32.dirname(directory)}` }
}

/** The last line of what a run with --json says when it fails. */
function readError(
  stderr: string,
): { readonly code: string; readonly message: string; readonly hint: string | undefined } | undefined {
  try {
    const document = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as { error?: Record<string, unknown> }
    const { code, message, hint } = document.error ?? {}
    if (typeof code !== 'string' || typeof message !== 'string') return undefined
    return { code, message, hint: typeof hint === 'string' ? hint : undefined }
  } catch {
    return undefined
  }
}

function failed(how: string): CliError {
  return new CliError(`The job was tried in the environment that it will have, and failed (${how}).`, {
    code: 'rehearsal',
    hint: 'please report this; "acs-env exec" and "acs-env token" renew when they are used',
  })
}
