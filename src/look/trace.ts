import { existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { tryWithTemporaryDirectory } from '../files/temporary-directory.ts'
import { quotePosix } from '../shells/posix-syntax.ts'
import { sessionEnvironment } from '../shells/session-environment.ts'
import type { ShellStart } from '../shells/shell.ts'
import type { SessionResult } from '../system/session.ts'
import type { Environment, System } from '../system/system.ts'
import { blame, blameHandOver, blameLast, type BlamedVariable, type Evidence } from './blame.ts'
import type { Cause, Trace } from './cause.ts'
import { correctKshLines } from './ksh-lines.ts'
import type { LookRequest } from './look.ts'
import type { Look } from './outcome.ts'
import { type BlockPlace, sourcedFiles } from './search.ts'
import { type ReportedError, reportedErrors } from './syntax-error.ts'
import {
  bashShim,
  markTextOf,
  oldBash,
  readTrace,
  type TraceFormat,
  traceFormatOf,
  type TraceRecord,
} from './trace-format.ts'

export interface TraceRequest extends LookRequest {
  /** Every start-up file of the user's, in the order of reading. */
  readonly files: readonly string[]
  /** The blocks in them, in the order of the shell's load points. */
  readonly blocks: readonly BlockPlace[]
}

const TRACE_TIMEOUT_MS = 5_000

const MAX_TRACE_BYTES = 32 * 1024 * 1024
const MAX_ERROR_BYTES = 1024 * 1024
/** Login shells of bash close those from 3 to 20. */
const BASH_TRACE_DESCRIPTOR = 25
/** What the traced shell is to run; also how its record is found. */
const END = ': acs-env-is-at-the-end'

/**
 * Finds the lines that are to blame for what looks have found: opens the shell again in the same way, with a trace.
 * A trace has values in it. It is kept in memory, and nothing but files and lines comes out of here. Nothing is thrown
 * for whatever a shell does.
 *
 * @param looks those in which all is as expected are left out
 */
export async function traceNewShells(
  request: TraceRequest,
  looks: readonly Look[],
  system: System,
  signal: AbortSignal,
): Promise<readonly Trace[]> {
  const wanted = looks.filter((look) => isToBeTraced(look))
  return await Promise.all(wanted.map((look) => traceOne(look, request, system, signal)))
}

function isToBeTraced({ outcome }: Look): boolean {
  if (outcome.kind === 'answered' || outcome.kind === 'handed-over') {
    return outcome.variables.some(({ state }) => state !== 'same')
  }
  return outcome.kind === 'ended' || outcome.kind === 'too-slow'
}

async function traceOne(look: Look, request: TraceRequest, system: System, signal: AbortSignal): Promise<Trace> {
  const names = request.expected.map(({ name }) => name)
  const evidence = await gather(look.start, request, names, system, signal)
  const causeOf = (variable: BlamedVariable): Cause => {
    if (evidence === undefined) return { kind: 'unknown' }
    const { outcome } = look
    if (outcome.kind === 'handed-over') return blameHandOver(variable, evidence, outcome.to)
    if (outcome.kind === 'answered') return blame(variable, evidence)
    // Where it got ready this time, the trace has nothing to say.
    return evidence.isComplete ? { kind: 'unknown' } : blameLast(evidence, undefined)
  }
  const blamed = request.expected.flatMap(({ name, secret }, index) => {
    const variables = 'variables' in look.outcome ? look.outcome.variables : []
    if (variables.find((variable) => variable.name === name)?.state === 'same') return []
    return [{ name, index, expected: markTextOf(secret.reveal()) }]
  })
  return { start: look.start, causes: blamed.map((variable) => ({ name: variable.name, cause: causeOf(variable) })) }
}

async function gather(
  start: ShellStart,
  request: TraceRequest,
  names: readonly string[],
  system: System,
  signal: AbortSignal,
): Promise<Evidence | undefined> {
  const { shell, home, files, blocks } = request
  const format = traceFormatOf(shell.name)
  if (format === undefined) return undefined
  const first = await runTraced(start, format, request, names, system, signal)
  const wasUnderstood = first === undefined || first.records.length > 0 || shell.name !== 'bash'
  const traced = wasUnderstood ? first : await runTraced(start, oldBash, request, names, system, signal)
  if (traced === undefined) return undefined
  const { records, errorOutput } = traced
  const all = [...new Set([...files, ...sourcedFiles(records, home)])].filter((file) => existsSync(file))
  const ordered = start === 'interactive' ? blocks.toReversed() : blocks
  return {
    records,
    isComplete: records.some(({ command }) => isEnd(command)),
    errors: [
      ...reportedErrors(errorOutput, home),
      ...(await parseErrors(ordered.slice(0, 1), request, system, signal)),
    ],
    blocks: ordered,
    files: all,
    compiled: shell.name === 'zsh' ? findCompiled(ordered) : undefined,
    hasFiles: shell.name !== 'sh' && shell.name !== 'mksh',
    hasExactLines: shell.name !== 'ksh',
  }
}

interface Traced {
  readonly records: readonly TraceRecord[]
  readonly errorOutput: Buffer
}

async function runTraced(
  start: ShellStart,
  format: TraceFormat,
  { shell, program, home, timeoutMs = TRACE_TIMEOUT_MS }: TraceRequest,
  names: readonly string[],
  system: System,
  signal: AbortSignal,
): Promise<Traced | undefined> {
  const ps4 = format.ps4(names)
  const run = (args: readonly string[], env: Environment): Promise<SessionResult> =>
    system.runInSession(program, [...args, ...shell.open(start, END)], {
      env: { ...sessionEnvironment(program, home, system), PS4: ps4, ...env },
      workingDirectory: existsSync(home) ? home : '/',
      timeoutMs,
      signal,
      listenOn: [
        { descriptor: 2, maxBytes: shell.name === 'bash' ? MAX_ERROR_BYTES : MAX_TRACE_BYTES },
        ...(shell.name === 'bash' ? [{ descriptor: BASH_TRACE_DESCRIPTOR, maxBytes: MAX_TRACE_BYTES }] : []),
      ],
    })
  const result = shell.name === 'bash' ? await runBash(start, ps4, home, system, run) : await run(format.args, {})
  if (result === undefined || result.kind === 'not-started') return undefined
  const [errorOutput = Buffer.alloc(0), traceOutput] = result.heard
  // An old bash knows nothing of BASH_XTRACEFD.
  const output = traceOutput === undefined || traceOutput.length === 0 ? errorOutput : traceOutput
  const records = readTrace(output, format, names, home).map(withoutShim)
  return { records: shell.name === 'ksh' ? correctKshLines(records) : records, errorOutput }
}

const SHIM_PREFIX = 'acs-env-trace-'

function withoutShim(record: TraceRecord): TraceRecord {
  return { ...record, route: record.route.filter(({ file }) => file?.includes(`/${SHIM_PREFIX}`) !== true) }
}

/** Does not take PS4 from the environment where it runs as root: there a file of ours sets it and reads the user's. */
async function runBash(
  start: ShellStart,
  ps4: string,
  home: string,
  system: System,
  run: (args: readonly string[], env: Environment) => Promise<SessionResult>,
): Promise<SessionResult | undefined> {
  const trace = { BASH_XTRACEFD: String(BASH_TRACE_DESCRIPTOR) }
  if (system.userId !== 0) return await run(['-x'], trace)
  const result = await tryWithTemporaryDirectory(SHIM_PREFIX, system, async (directory) => {
    const { file, text } = bashShim(ps4, home, directory, quotePosix)[start]
    try {
      writeFileSync(file, text)
    } catch {
      return undefined
    }
    return start === 'login'
      ? await run(['-x'], { ...trace, HOME: dirname(file) })
      : await run(['--rcfile', file, '-x'], trace)
  })
  return result?.kind === 'no-directory' ? undefined : result
}

function isEnd(command: string): boolean {
  return command.startsWith(END)
}

/** What the shell says when it parses the file and runs nothing of it. */
async function parseErrors(
  blocks: readonly BlockPlace[],
  { shell, program, home }: TraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<readonly ReportedError[]> {
  const [block] = blocks
  if (block === undefined) return []
  const result = await system.runInSession(program, [...shell.parses, block.file], {
    env: sessionEnvironment(program, home, system),
    workingDirectory: '/',
    timeoutMs: TRACE_TIMEOUT_MS,
    signal,
    listenOn: [{ descriptor: 2, maxBytes: MAX_ERROR_BYTES }],
  })
  const failed = result.kind === 'exited' && result.exitCode !== 0
  return failed ? reportedErrors(result.heard[0] ?? Buffer.alloc(0), home).slice(0, 1) : []
}

/** zsh reads a compiled start-up file in place of one that is not newer, by the second. */
function findCompiled([block]: readonly BlockPlace[]): string | undefined {
  if (block === undefined) return undefined
  const seconds = (file: string): number => Math.floor((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) / 1000)
  const compiled = `${block.file}.zwc`
  return existsSync(compiled) && seconds(compiled) >= seconds(block.file) ? compiled : undefined
}
