import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runBuilt, type BuiltRun } from '../../test/support/programs/built.ts'
import { inHome } from './scenarios.ts'

/** A system call on a path below the home, and its number among the calls of that name. */
export interface Call {
  readonly name: string
  readonly number: number
  /** The call as strace prints it, without the home. */
  readonly text: string
  /** Something on disk is different afterwards, or safer. */
  readonly changes: boolean
}

/**
 * What happens instead of a call: the process is killed; the call fails; or it reports success and does nothing.
 * `lasting`: the same for all later calls.
 */
export interface Fault {
  readonly call: Call
  readonly kind: 'KILL' | 'LOST' | (typeof ERRNOS)[number]
  readonly lasting?: boolean
}

export const ERRNOS = ['ENOSPC', 'EIO', 'EROFS', 'EACCES', 'EMFILE', 'EINTR'] as const

export interface TracedRun extends BuiltRun {
  readonly lines: readonly string[]
}

const SAME_NAMES = join(import.meta.dirname, 'same-names.cjs')
/** The ending from same-names.cjs, and the one for a file that is being written in place. */
const ENDINGS = ['00000000abcd', '000000000000']
const OURS = [
  'connection-string',
  'access-token',
  'endpoint',
  'state.json',
  'restore.json',
  'restore-dotenv.json',
  '.gitignore',
]
/** The names of resources that are parked. */
const PARKED = ['default', 'staging']
const PROFILES = ['.bash_profile', '.bashrc', '.bash_login', '.profile']
const CHANGING = /^(?:mkdir|rmdir|rename|unlink|link|write|pwrite64|ftruncate|fchmod|fchown|chmod|fsync|utimensat)/

/** Every path below the home that the program ever uses. */
function pathsOf(home: string): readonly string[] {
  const config = join(home, '.config')
  const directory = join(config, 'acs-env')
  const withTemporaries = (folder: string, names: readonly string[]): readonly string[] =>
    names.flatMap((name) =>
      [name, ...ENDINGS.map((ending) => `.${name}.acs-env-${ending}`)].map((file) => join(folder, file)),
    )
  return [
    home,
    config,
    directory,
    join(directory, 'lock'),
    join(directory, 'lock.clearing'),
    join(directory, 'resources'),
    ...PARKED.flatMap((name) => {
      const folder = join(directory, 'resources', name)
      return [folder, ...withTemporaries(folder, OURS.slice(0, 3))]
    }),
    ...withTemporaries(directory, OURS),
    ...withTemporaries(home, [...PROFILES, '.env']),
  ]
}

/** Runs the built program under strace, with a fault if one is asked for; only calls on the home are seen or counted. */
export async function runTraced(args: readonly string[], home: string, fault?: Fault): Promise<TracedRun> {
  const output = join(tmpdir(), `acs-env-trace-${randomUUID()}`)
  const isKill = fault?.kind === 'KILL'
  const watched = pathsOf(home).flatMap((path) => ['-P', path])
  // To stop at these calls alone is quicker, but strace cannot inject a signal that way.
  const selected = isKill ? ['-e', `trace=${fault.call.name}`] : ['--seccomp-bpf', '-e', 'trace=%file,%desc']
  const injected = fault === undefined ? [] : ['-e', injection(fault)]
  const general = ['-f', '-y', '-qq', '-s', '16', '-e', 'signal=none', '-o', output]
  const under = ['strace', ...general, ...watched, ...selected, ...injected]
  try {
    const env = { SHELL: '/bin/bash', NODE_OPTIONS: `--require=${SAME_NAMES}` }
    const run = await runBuilt(inHome(args, home), { home, workingDirectory: '/', env, under })
    return { ...run, lines: readFileSync(output, 'utf8').split('\n') }
  } finally {
    rmSync(output, { force: true })
  }
}

function injection({ call, kind, lasting = false }: Fault): string {
  const result = / = (\d+)$/.exec(call.text)?.[1] ?? '0'
  const what = kind === 'KILL' ? 'signal=KILL' : kind === 'LOST' ? `retval=${result}` : `error=${kind}`
  return `inject=${call.name}:${what}:when=${call.number}${lasting ? '+' : ''}`
}

/** The calls that the program itself makes in an undisturbed run, in their order: strace counts for each process. */
export function callsOf({ lines }: TracedRun, home: string): readonly Call[] {
  const counts = new Map<string, number>()
  const main = mainProcess(lines, home)
  return lines.flatMap((line): readonly Call[] => {
    const parsed = parseLine(line, home)
    if (parsed === undefined) return []
    const { name, text, process } = parsed
    // Shells that are opened, and what they start, make calls of their own.
    if (process !== main) return []
    const number = (counts.get(name) ?? 0) + 1
    counts.set(name, number)
    return [{ name, number, text, changes: CHANGING.test(name) || text.includes('O_CREAT') }]
  })
}

/**
 * What is wrong with the order in which an undisturbed run forces things to disk: a file before it replaces another,
 * and its directory after that, also where a file is removed.
 */
export function wrongOrder(calls: readonly Call[]): readonly string[] {
  return calls.flatMap(({ name, text }, index): readonly string[] => {
    const [from = '', to = from] = [...text.matchAll(/"([^"]*)"/g)].map(([, path]) => path ?? '')
    if (name === 'rename') {
      const before = calls.slice(0, index)
      const written = before.findLastIndex(
        (call) => /^(?:pwrite64|write|ftruncate|fchmod)$/.test(call.name) && call.text.includes(`<${from}>`),
      )
      const synced = before.findLastIndex((call) => call.name === 'fsync' && call.text.includes(`<${from}>`))
      if (written === -1 || synced < written) return [`${text}: the file was not forced to disk before`]
    }
    if (name !== 'rename' && (name !== 'unlink' || from.endsWith('/lock'))) return []
    const directory = to.slice(0, to.lastIndexOf('/'))
    const next = calls.slice(index + 1).find((call) => call.changes)
    const isSynced = next?.name === 'fsync' && next.text.includes(`<${directory}>`)
    return isSynced ? [] : [`${text}: the directory was not forced to disk afterwards`]
  })
}

/** Whether the fault was put in, and into the very call that it was meant for. */
export function wasInjected({ lines, signal }: TracedRun, home: string, { call, kind }: Fault): boolean {
  const isMeant = (line: string | undefined): boolean => {
    const parsed = parseLine(line ?? '', home)
    return parsed?.name === call.name && placeOf(parsed.text) === placeOf(call.text)
  }
  // A program that is started on the way has its own count, and its own call fails too.
  const main = mainProcess(lines, home)
  const isInjected = (line: string): boolean => line.includes('(INJECTED)') && parseLine(line, home)?.process === main
  if (kind !== 'KILL') return isMeant(lines.find(isInjected))
  return signal === 'SIGKILL' && isMeant(lines.findLast((line) => / \w+\(/.test(line)))
}

/** The paths that a call is given: what does not differ from run to run. */
function placeOf(text: string): string {
  return (text.replace(/\) += .*$/, '').match(/~[^"'>,]*/g) ?? []).join(' ')
}

interface Line {
  readonly process: string
  readonly name: string
  readonly text: string
}

/** The program itself, which makes the first call. */
function mainProcess(lines: readonly string[], home: string): string | undefined {
  for (const line of lines) {
    const parsed = parseLine(line, home)
    if (parsed !== undefined) return parsed.process
  }
  return undefined
}

function parseLine(line: string, home: string): Line | undefined {
  const [, process, name, rest] = /^(\d+) +(\w+)(\(.*)$/.exec(line) ?? []
  if (process === undefined || name === undefined || rest === undefined) return undefined
  return { process, name, text: `${name}${rest}`.replaceAll(home, '~').replaceAll(/AT_FDCWD<[^>]*>, /g, '') }
}
