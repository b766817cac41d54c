import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { BUILT } from '../../test/support/programs/built.ts'

/** Something that left the memory of a process. */
interface Trace {
  /** In words: `stdout`, a path, `network to 127.0.0.1:80`, `arguments of openssl`. */
  readonly place: string
  readonly bytes: Buffer
}

export interface TracedRun {
  readonly exitCode: number | null
  readonly traces: readonly Trace[]
  readonly stdout: string
  readonly stderr: string
  /** Files that others could read at some moment, had the umask let them. */
  readonly publicFiles: ReadonlySet<string>
}

export interface TraceOptions {
  /** Where standard output, standard error and the trace itself go. */
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
  readonly input?: string
  readonly workingDirectory: string
  /** More for strace, such as calls that are to fail. */
  readonly straceOptions?: readonly string[]
  /** Called as soon as it runs. */
  readonly onStart?: (child: ChildProcess, directory: string) => void
}

const CALLS =
  '%file,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendmmsg,fchmod,memfd_create,prctl,connect,bind'

/** Runs the built program under strace, and returns every call, its children's too, through which bytes can get out. */
export async function runTraced(args: readonly string[], options: TraceOptions): Promise<TracedRun> {
  const { directory, env, input, workingDirectory, straceOptions = [], onStart } = options
  const file = (name: string): string => join(directory, name)
  const strace = ['-f', '-yy', '-v', '-xx', '-s', '1000000', '-e', `trace=${CALLS}`, '-o', file('trace')]
  const streams = ['stdout', 'stderr'].map((name) => openSync(file(name), 'w', 0o600))
  const child = spawn(
    // Any permission that is not there from the start shows.
    'sh',
    ['-c', 'umask 0; exec "$@"', 'sh', 'strace', ...strace, ...straceOptions, process.execPath, BUILT, ...args],
    { env, cwd: workingDirectory, stdio: ['pipe', ...streams] },
  )
  for (const stream of streams) closeSync(stream)
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input ?? '')
  onStart?.(child, directory)
  const exitCode = await new Promise<number | null>((settle) => child.once('close', settle))
  const lines = readFileSync(file('trace'), 'latin1').split('\n')
  return {
    exitCode,
    traces: lines.flatMap((line) => readLine(line, directory)),
    stdout: readFileSync(file('stdout'), 'utf8'),
    stderr: readFileSync(file('stderr'), 'utf8'),
    publicFiles: new Set(lines.flatMap(publicFile)),
  }
}

function readLine(line: string, directory: string): readonly Trace[] {
  const [, call, rest = ''] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? []
  if (call === undefined) return []
  if (call === 'execve') {
    const [, args = '', environment = ''] = /\[(.*?)\], \[(.*?)\]/.exec(rest) ?? []
    const program = basename(textsOf(rest)[0]?.toString() ?? '')
    return [
      ...textsOf(args).map((bytes) => ({ place: `arguments of ${program}`, bytes })),
      ...textsOf(environment).map((bytes) => ({ place: `environment of ${program}`, bytes })),
    ]
  }
  const bytes = Buffer.concat(textsOf(rest))
  if (bytes.length === 0) return []
  return [{ place: /write|send/.test(call) ? targetOf(rest, directory) : `a name for ${call}`, bytes }]
}

/** All strings in a line of strace, which writes every character as `\x41`. */
function textsOf(text: string): readonly Buffer[] {
  return [...text.matchAll(/"((?:\\x[\da-f]{2})*)"/g)].map(([, hex = '']) => decode(hex))
}

function decode(hex: string): Buffer {
  return Buffer.from(hex.replaceAll('\\x', ''), 'hex')
}

function targetOf(rest: string, directory: string): string {
  const [, raw = ''] = /^\d+<(.*?)>/.exec(rest) ?? []
  const socket = /^(?:TCP|TCPv6|UDP):\[.*?->(.*)$/.exec(/^\d+<(\w+:\[.*?\])>/.exec(rest)?.[1] ?? '')?.[1]
  if (socket !== undefined) return `network to ${socket.replace(']', '')}`
  const target = raw.startsWith('\\x') ? decode(raw).toString() : raw
  if (/^(?:pipe|socket|UNIX)/.test(target)) return 'a pipe'
  return target.startsWith(`${directory}/std`) ? basename(target) : target
}

function publicFile(line: string): readonly string[] {
  const created = /openat\(.*"((?:\\x..)+)", [A-Z_|]*O_CREAT[A-Z_|]*, 0(\d+)\)/.exec(line)
  const changed = /f?chmod(?:at)?\((?:\d+<|"|.*, ")((?:\\x..)+)[>"], 0(\d+)/.exec(line)
  const [, path, mode] = created ?? changed ?? []
  return path !== undefined && mode !== undefined && (Number.parseInt(mode, 8) & 0o077) !== 0
    ? [decode(path).toString()]
    : []
}
