import { existsSync } from 'node:fs'
import { sessionEnvironment } from '../../shells/session-environment.ts'
import type { SessionOptions, SessionResult } from '../../system/session.ts'
import type { Environment, System } from '../../system/system.ts'
import type { BlockPlace } from './search.ts'
import { MAX_ERROR_BYTES, TRACE_TIMEOUT_MS, type TraceRequest } from './trace-request.ts'

/** What a shell is started with for its trace, besides what each of them gets. */
export interface TracedStart extends Pick<SessionOptions, 'calledAs'> {
  readonly program: string
  readonly args: readonly string[]
  readonly env: Environment
  readonly listenOn: NonNullable<SessionOptions['listenOn']>
}

/** Starts a shell where terminals start one, with the environment of a new session and what its trace adds to that. */
export function startTraced(
  { program, env, ...start }: TracedStart,
  { program: shell, home, timeoutMs = TRACE_TIMEOUT_MS }: TraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<SessionResult> {
  const { args, ...options } = start
  return system.runInSession(program, args, {
    ...options,
    env: { ...sessionEnvironment(shell, home, system), ...env },
    workingDirectory: existsSync(home) ? home : '/',
    timeoutMs,
    signal,
  })
}

/**
 * What a shell says of a file that it only parses.
 *
 * @param args those with which nothing is run; the file comes behind them
 * @returns undefined where there is no file, or it parses
 */
export async function askParser(
  args: readonly string[],
  block: BlockPlace | undefined,
  { program, home, timeoutMs = TRACE_TIMEOUT_MS }: TraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  if (block === undefined) return undefined
  const result = await system.runInSession(program, [...args, block.file], {
    env: sessionEnvironment(program, home, system),
    workingDirectory: '/',
    timeoutMs,
    signal,
    listenOn: [{ descriptor: 2, maxBytes: MAX_ERROR_BYTES }],
  })
  return result.kind === 'exited' && result.exitCode !== 0 ? result.heard[0] : undefined
}
