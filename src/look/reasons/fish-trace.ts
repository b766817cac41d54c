import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tryWithTemporaryDirectory } from '../../files/temporary-directory.ts'
import type { ShellStart } from '../../shells/shell.ts'
import type { SessionResult } from '../../system/session.ts'
import type { System } from '../../system/system.ts'
import type { Evidence } from './blame.ts'
import { scriptForMarks } from './environment-marks.ts'
import { readFishTrace } from './fish-records.ts'
import type { BlockPlace } from './search.ts'
import type { ReportedError } from './syntax-error.ts'
import { TAIL } from './trace-format.ts'
import { MAX_TRACE_BYTES, TRACE_DIRECTORY, type TraceRequest } from './trace-request.ts'
import { askParser, startTraced } from './trace-session.ts'

/** What a fish without XDG_DATA_DIRS reads, nearly. */
const DATA_DIRECTORIES = '/usr/local/share:/usr/share'
/** Standard error once more, which no redirection in a start-up file leads elsewhere. */
const MARKS = 9

/**
 * Opens a fish that prints its commands, and after every change of a variable what that is. It reads a file of ours behind
 * the user's `conf.d` and before `config.fish`; what is done before is known from the commands.
 */
export async function gatherFishEvidence(
  start: ShellStart,
  request: TraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<Evidence | undefined> {
  const { expected, files, blocks, home } = request
  const names = expected.map(({ name }) => name)
  const [result, errors] = await Promise.all([
    tryWithTemporaryDirectory(TRACE_DIRECTORY, system, (directory) => runIn(directory, start, request, system, signal)),
    syntaxErrorIn(blocks[0], request, system, signal),
  ])
  if (result === undefined || result.kind === 'no-directory' || result.kind === 'not-started') return undefined
  const ending = result.kind === 'exited' ? 'by itself' : 'by force'
  const { records, isComplete } = readFishTrace(String(result.heard[0]), ending, names, home)
  const read = records.flatMap(({ route }) => route.flatMap(({ file }) => file ?? []))
  return {
    records,
    isComplete,
    isCut: result.kind === 'timed-out',
    errors,
    blocks,
    files: [...new Set([...files, ...read])].filter((file) => existsSync(file)),
    compiled: undefined,
    hasFiles: true,
    hasExactLines: true,
    shows: 'every command',
    exitEnds: 'the file',
  }
}

async function runIn(
  directory: string,
  start: ShellStart,
  request: TraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<SessionResult | undefined> {
  const { shell, program, expected } = request
  const names = expected.map(({ name }) => name)
  const dataDirectories = `${directory}:${DATA_DIRECTORIES}`
  try {
    const vendor = join(directory, 'fish/vendor_conf.d')
    mkdirSync(vendor, { recursive: true })
    writeFileSync(join(vendor, '00-acs-env-trace.fish'), watchingFile(names, dataDirectories))
  } catch {
    return undefined
  }
  const { args } = shell.open(start, { words: [], script: () => scriptForMarks(names) })
  const traced = {
    program: '/bin/sh',
    args: ['-c', `exec "$0" "$@" ${MARKS}>&2`, program, ...args],
    env: { XDG_DATA_DIRS: dataDirectories, fish_trace: '1' },
    listenOn: [{ descriptor: 2, maxBytes: MAX_TRACE_BYTES }],
  }
  return await startTraced(traced, request, system, signal)
}

/** Prints the variables at once and whenever one changes, and leaves no trace of itself in the environment. */
function watchingFile(names: readonly string[], dataDirectories: string): string {
  const functions = names.map(
    (name, index) => `function __acs_env_trace_${index} --on-variable ${name}
  if set -q ${name}
    set -l acs_env_end (builtin string sub -s -${TAIL} -- "$${name}" | builtin string escape --style=url)
    set -l acs_env_exported (set -qx ${name}; and builtin echo x)
    builtin printf '\\036%s\\037%s:%s:%s\\n' ${index} (builtin string length -- "$${name}") "$acs_env_end" "$acs_env_exported" >&${MARKS}
  else
    builtin printf '\\036%s\\037\\n' ${index} >&${MARKS}
  end
end
__acs_env_trace_${index}
`,
  )
  return `set -gu fish_trace 1
${functions.join('')}test "$XDG_DATA_DIRS" = '${dataDirectories}'; and set -e XDG_DATA_DIRS
`
}

/** fish runs nothing of a file that does not parse; it says where when it is to run nothing at all. */
async function syntaxErrorIn(
  block: BlockPlace | undefined,
  request: TraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<readonly ReportedError[]> {
  const said = await askParser(['--no-execute'], block, request, system, signal)
  const [, line] = / \(line (\d+)\): /.exec(String(said)) ?? []
  return block === undefined || line === undefined ? [] : [{ file: block.file, line: Number(line), isSyntax: true }]
}
