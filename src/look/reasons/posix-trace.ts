import { existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { tryWithTemporaryDirectory } from '../../files/temporary-directory.ts'
import { quotePosix } from '../../shells/posix-words.ts'
import type { PosixShell, ShellStart } from '../../shells/shell.ts'
import type { SessionResult } from '../../system/session.ts'
import type { Environment, System } from '../../system/system.ts'
import type { Evidence } from './blame.ts'
import { AT_THE_END } from './environment-marks.ts'
import { correctKshLines } from './ksh-lines.ts'
import { type BlockPlace, sourcedFiles } from './search.ts'
import { type ReportedError, reportedErrors } from './syntax-error.ts'
import { bashShim, oldBash, readTrace, type TraceFormat, traceFormatOf, type TraceRecord } from './trace-format.ts'
import {
  MAX_ERROR_BYTES,
  MAX_TRACE_BYTES,
  TRACE_DIRECTORY,
  TRACE_TIMEOUT_MS,
  type TraceRequest,
} from './trace-request.ts'
import { askParser, startTraced } from './trace-session.ts'

/** A request for a shell that reads what sh reads. */
export interface PosixTraceRequest extends TraceRequest {
  readonly shell: PosixShell
}

/** Login shells of bash close those from 3 to 20. */
const BASH_TRACE_DESCRIPTOR = 25
/** What the traced shell is to run; also how its record is found. */
const END = `: ${AT_THE_END}`

/** Opens a shell with a trace in which it shows where it is itself; undefined where it cannot be traced. */
export async function gatherPosixEvidence(
  start: ShellStart,
  { timeoutMs: givenMs = TRACE_TIMEOUT_MS, ...request }: PosixTraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<Evidence | undefined> {
  const { shell, home, files, blocks } = request
  const format = traceFormatOf(shell.name)
  if (format === undefined) return undefined
  const endsAt = system.elapsedMs() + givenMs
  const inTime = (): PosixTraceRequest => ({ ...request, timeoutMs: Math.max(1, endsAt - system.elapsedMs()) })
  const ordered = start === 'interactive' ? blocks.toReversed() : blocks
  const [traced, syntaxErrors] = await Promise.all([
    runTraced(start, format, inTime(), system, signal),
    parseErrors(ordered[0], inTime(), system, signal),
  ])
  const wasUnderstood = traced === undefined || traced.records.length > 0 || shell.name !== 'bash'
  const understood = wasUnderstood ? traced : await runTraced(start, oldBash, inTime(), system, signal)
  if (understood === undefined) return undefined
  const { records, errorOutput, isCut } = understood
  return {
    records,
    isComplete: records.some(({ command }) => isEnd(command)),
    isCut,
    errors: [...reportedErrors(errorOutput, home), ...syntaxErrors],
    blocks: ordered,
    files: [...new Set([...files, ...sourcedFiles(records, home)])].filter((file) => existsSync(file)),
    compiled: shell.name === 'zsh' ? findCompiled(ordered) : undefined,
    hasFiles: shell.name !== 'sh' && shell.name !== 'mksh',
    hasExactLines: shell.name !== 'ksh',
    shows: 'every command',
    exitEnds: 'the shell',
  }
}

interface Traced {
  readonly records: readonly TraceRecord[]
  readonly isCut: boolean
  readonly errorOutput: Buffer
}

async function runTraced(
  start: ShellStart,
  format: TraceFormat,
  request: PosixTraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<Traced | undefined> {
  const { shell, program, home, expected } = request
  const names = expected.map(({ name }) => name)
  const ps4 = format.ps4(names)
  const run = (args: readonly string[], env: Environment): Promise<SessionResult> =>
    startTraced(
      {
        program,
        args: [...args, ...shell.open(start, { words: [], script: () => END }).args],
        env: { PS4: ps4, ...env },
        listenOn: [
          { descriptor: 2, maxBytes: shell.name === 'bash' ? MAX_ERROR_BYTES : MAX_TRACE_BYTES },
          ...(shell.name === 'bash' ? [{ descriptor: BASH_TRACE_DESCRIPTOR, maxBytes: MAX_TRACE_BYTES }] : []),
        ],
      },
      request,
      system,
      signal,
    )
  const result = shell.name === 'bash' ? await runBash(start, ps4, home, system, run) : await run(format.args, {})
  if (result === undefined || result.kind === 'not-started') return undefined
  const [errorOutput = Buffer.alloc(0), traceOutput] = result.heard
  // An old bash knows nothing of BASH_XTRACEFD.
  const output = traceOutput === undefined || traceOutput.length === 0 ? errorOutput : traceOutput
  const records = readTrace(output, format, names, home).map(withoutShim)
  const isCut = result.kind === 'timed-out'
  return { records: shell.name === 'ksh' ? correctKshLines(records) : records, isCut, errorOutput }
}

function withoutShim(record: TraceRecord): TraceRecord {
  return { ...record, route: record.route.filter(({ file }) => file?.includes(`/${TRACE_DIRECTORY}`) !== true) }
}

/** As root, bash ignores PS4 from the environment: there a file of ours sets it, and then reads the user's file. */
async function runBash(
  start: ShellStart,
  ps4: string,
  home: string,
  system: System,
  run: (args: readonly string[], env: Environment) => Promise<SessionResult>,
): Promise<SessionResult | undefined> {
  const trace = { BASH_XTRACEFD: String(BASH_TRACE_DESCRIPTOR) }
  if (system.userId !== 0) return await run(['-x'], trace)
  const result = await tryWithTemporaryDirectory(TRACE_DIRECTORY, system, async (directory) => {
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
  block: BlockPlace | undefined,
  request: PosixTraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<readonly ReportedError[]> {
  const said = await askParser(request.shell.parses, block, request, system, signal)
  return said === undefined ? [] : reportedErrors(said, request.home).slice(0, 1)
}

/** zsh reads a compiled start-up file in place of one that is not newer, by the second. */
function findCompiled([block]: readonly BlockPlace[]): string | undefined {
  if (block === undefined) return undefined
  const seconds = (file: string): number => Math.floor((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) / 1000)
  const compiled = `${block.file}.zwc`
  return existsSync(compiled) && seconds(compiled) >= seconds(block.file) ? compiled : undefined
}
