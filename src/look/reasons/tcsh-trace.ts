import { existsSync } from 'node:fs'
import type { ShellStart } from '../../shells/shell.ts'
import type { System } from '../../system/system.ts'
import type { Evidence } from './blame.ts'
import { scriptForMarks } from './environment-marks.ts'
import { readTcshTrace } from './tcsh-records.ts'
import { markTextOf } from './trace-format.ts'
import { MAX_TRACE_BYTES, type TraceRequest } from './trace-request.ts'
import { startTraced } from './trace-session.ts'

/** Read by every tcsh, and by one that is a login shell, before the user's files; where, is decided when it is built. */
const SYSTEM_FILES: Readonly<Record<ShellStart, readonly string[]>> = {
  login: ['/etc/csh.cshrc', '/etc/csh.login', '/etc/.login'],
  interactive: ['/etc/csh.cshrc'],
}

/** Opens a tcsh that prints each line as it reads it, and then the commands in it as it runs them. */
export async function gatherTcshEvidence(
  start: ShellStart,
  request: TraceRequest,
  system: System,
  signal: AbortSignal,
): Promise<Evidence | undefined> {
  const { shell, program, home, expected, files, blocks } = request
  const variables = expected.map(({ name, secret }) => ({ name, expected: markTextOf(secret.reveal()) }))
  const script = scriptForMarks(variables.map(({ name }) => name))
  const { args, calledAs } = shell.open(start, { words: [], script: () => script })
  const traced = {
    program,
    args: ['-XV', ...args],
    env: {},
    listenOn: [{ descriptor: 2, maxBytes: MAX_TRACE_BYTES }],
    ...(calledAs !== undefined && { calledAs }),
  }
  const result = await startTraced(traced, request, system, signal)
  if (result.kind === 'not-started') return undefined
  const own = files.filter((file) => start === 'login' || !file.endsWith('/.login'))
  const trace = readTcshTrace(String(result.heard[0]), variables, [...SYSTEM_FILES[start], ...own], blocks, home)
  return {
    ...trace,
    isCut: result.kind === 'timed-out',
    blocks,
    files: [...new Set([...own, ...trace.read])].filter((file) => existsSync(file)),
    compiled: undefined,
    hasFiles: true,
    hasExactLines: true,
    shows: 'most commands',
    exitEnds: 'the file',
  }
}
