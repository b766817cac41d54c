import { requireUninterrupted } from '../../system/interruption.ts'
import type { RunResult, System } from '../../system/system.ts'
import { readAzureCliFailure, type AzureCliFailure } from './failure.ts'
import { findAzureCli, type AzureCliProgram } from './program.ts'

/** The answer to a question, or why there is none. */
export type Asked<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  | { readonly kind: 'failed'; readonly failure: AzureCliFailure }

/** The Azure CLI, which answers in JSON, and never asks back. */
export interface AzureCli {
  /**
   * Runs it with these arguments. Throws a `CancelledError` after Ctrl+C.
   *
   * @param mostMs a limit of this question's own, besides the one for all together
   */
  ask(args: readonly string[], mostMs?: number): Promise<Asked<unknown>>
}

/** For all that is asked together. "az rest" by itself waits for ever. */
const TIMEOUT_MS = 60_000
/** The list of a thousand resources has half of it. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024
const MAX_ERROR_BYTES = 64 * 1024
/** A file in the current directory is not to be taken for a part of Python. */
const ROOT = '/'

/** Opens the Azure CLI for one or more questions, which have a minute together from now on. */
export function openAzureCli(system: System, signal: AbortSignal): AzureCli {
  const endsAtMs = system.elapsedMs() + TIMEOUT_MS
  const found = findAzureCli(system)
  return {
    ask: async (args, mostMs = TIMEOUT_MS) => {
      if (found === undefined) return failed({ kind: 'not-installed' })
      if (found.kind === 'batch-file') return failed(found)
      const timeoutMs = Math.min(mostMs, endsAtMs - system.elapsedMs())
      if (timeoutMs <= 0) return failed({ kind: 'timed-out' })
      const all = [...found.args, ...args, '--output', 'json', '--only-show-errors']
      const result = await run(found, all, timeoutMs, system, signal)
      requireUninterrupted(result, signal)
      return read(result)
    },
  }
}

function failed(failure: AzureCliFailure): Asked<never> {
  return { kind: 'failed', failure }
}

/**
 * With nothing on standard input, where no prompt of its can wait. Elsewhere than on Windows `az` is a shell script that
 * starts Python without `exec`, so at the deadline its whole session has to end.
 */
async function run(
  { program, env }: AzureCliProgram,
  args: readonly string[],
  timeoutMs: number,
  system: System,
  signal: AbortSignal,
): Promise<RunResult> {
  if (system.platform === 'win32') return system.run(program, args, { env, timeoutMs, signal })
  const result = await system.runInSession(program, args, {
    env,
    workingDirectory: ROOT,
    timeoutMs,
    signal,
    listenOn: [
      { descriptor: 1, maxBytes: MAX_ANSWER_BYTES },
      { descriptor: 2, maxBytes: MAX_ERROR_BYTES },
    ],
  })
  if (result.kind !== 'exited') return result.kind === 'timed-out' ? { kind: 'timed-out' } : result
  const [stdout = '', stderr = ''] = result.heard.map(String)
  return { kind: 'exited', exitCode: result.exitCode, stdout, stderr }
}

function read(result: RunResult): Asked<unknown> {
  switch (result.kind) {
    case 'timed-out':
      return failed({ kind: 'timed-out' })
    case 'not-started':
      return failed(
        result.code === 'ENOENT'
          ? { kind: 'not-installed' }
          : { kind: 'other', exitCode: 126, line: `it cannot be started (${result.code})` },
      )
    case 'killed':
      return failed({ kind: 'other', exitCode: 128, line: `it was ended by ${result.signal}` })
    case 'exited':
      return result.exitCode === 0 ? parse(result.stdout) : failed(readAzureCliFailure(result.exitCode, result.stderr))
  }
}

function parse(stdout: string): Asked<unknown> {
  try {
    return { kind: 'answered', value: JSON.parse(stdout) }
  } catch (error) {
    if (error instanceof SyntaxError) return failed({ kind: 'garbled' })
    throw error
  }
}
