import { readFileSync, readlinkSync, readdirSync, statSync } from 'node:fs'
import { Secret } from '../secret.ts'
import type { System } from '../system/system.ts'

/** A program that runs, as far as the system shows it. */
export interface RunningProgram {
  readonly processId: number
  /** Of its process: `bash`, `tmux: server`. */
  readonly name: string
  /** Of the file that runs and of what it was called by, to tell it by. Its arguments are any text: of a review, say. */
  readonly paths: readonly string[]
  readonly startedAt: Date | undefined
  /** What it was started with, of the variables that were asked for; undefined where the system does not say. */
  readonly environment: ReadonlyMap<string, Secret> | undefined
}

const SHELLS = /^(?:ba|z|fi|da|a|k|mk|tc|c|x|pw|elvi)?sh(?:93)?$|^(?:nu|elvish|xonsh|powershell(?:\.exe)?)$/

/** By the name of its process; a login shell's begins with "-". */
export function isShell(name: string): boolean {
  return SHELLS.test(name.replace(/^-/, ''))
}

/** A guard against a circle, and more than anybody has. */
const MAX_ANCESTORS = 50
/** What /proc counts time in. The kernel gives it in USER_HZ, which is 100 wherever Node runs. */
const TICKS_PER_SECOND = 100
const PS_TIMEOUT_MS = 3_000

/**
 * The programs that this one was started from, its parent first. From /proc on Linux, from `ps` on macOS, which says
 * nothing of the environment of programs that Apple signs; empty elsewhere.
 *
 * @param names the variables to read of their environments
 */
export async function findAncestors(
  names: readonly string[],
  system: System,
  signal: AbortSignal,
): Promise<readonly RunningProgram[]> {
  const programs: RunningProgram[] = []
  let processId = system.parentProcessId
  while (processId > 0 && programs.length < MAX_ANCESTORS) {
    const found =
      system.platform === 'darwin'
        ? await askPs(processId, names, system, signal)
        : readProcess(processId, names, system)
    if (found === undefined) break
    programs.push(found)
    processId = found.parentId
  }
  return programs
}

/**
 * The other programs of this user that have this home in their environment, as /proc shows them; empty where there is
 * no /proc.
 */
export function findProgramsOf(home: string, names: readonly string[], system: System): readonly RunningProgram[] {
  return namesIn('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || ownerOf(`/proc/${name}`) !== system.userId) return []
    // Of most processes this is all that is read.
    const entries = textOf(`/proc/${name}/environ`)?.split('\0')
    if (entries?.includes(`HOME=${home}`) !== true) return []
    return readProcess(Number(name), names, system) ?? []
  })
}

/** A process by its id, for those whose id is known from elsewhere. */
export function readProcess(
  processId: number,
  names: readonly string[],
  system: Pick<System, 'now'>,
): (RunningProgram & { readonly parentId: number }) | undefined {
  const stat = textOf(`/proc/${processId}/stat`)
  if (stat === undefined) return undefined
  // The name is in parentheses and may have some itself; behind it: state, parent, …, in the 22nd place the start.
  const nameEnd = stat.lastIndexOf(') ')
  const fields = stat.slice(nameEnd + 2).split(' ')
  // So that it is known after an update, too.
  const path = targetOf(`/proc/${processId}/exe`)?.replace(/ \(deleted\)$/, '')
  const [calledBy] = textOf(`/proc/${processId}/cmdline`)?.split('\0') ?? []
  const environment = textOf(`/proc/${processId}/environ`)
  return {
    processId,
    parentId: Number(fields[1]),
    name: stat.slice(stat.indexOf('(') + 1, nameEnd),
    paths: [path, calledBy].filter((known) => known !== undefined),
    startedAt: startOf(Number(fields[19]), system),
    environment: environment === undefined ? undefined : pick(environment.split('\0'), names),
  }
}

/** From two clocks that count from the same moment: `btime` of /proc/stat has whole seconds alone. */
function startOf(ticks: number, { now }: Pick<System, 'now'>): Date | undefined {
  const upSeconds = Number.parseFloat(textOf('/proc/uptime') ?? '')
  const startedAtMs = now().getTime() - (upSeconds - ticks / TICKS_PER_SECOND) * 1000
  return Number.isNaN(startedAtMs) ? undefined : new Date(startedAtMs)
}

async function askPs(
  processId: number,
  names: readonly string[],
  system: System,
  signal: AbortSignal,
): Promise<(RunningProgram & { readonly parentId: number }) | undefined> {
  const fields = ['ppid=', 'lstart=', 'command='].flatMap((field) => ['-o', field])
  const result = await system.run('/bin/ps', ['-E', '-ww', ...fields, '-p', String(processId)], {
    timeoutMs: PS_TIMEOUT_MS,
    // Else the date is in the user's language.
    env: { LC_ALL: 'C' },
    signal,
  })
  return result.kind === 'exited' && result.exitCode === 0 ? readPs(processId, result.stdout, names) : undefined
}

/** `  501 Sat Nov 28 09:12:00 2026 -zsh TERM=xterm HOME=/Users/me`: what is set stands behind the arguments. */
export function readPs(
  processId: number,
  line: string,
  names: readonly string[],
): (RunningProgram & { readonly parentId: number }) | undefined {
  const [, parentId, started = '', command = ''] =
    /^\s*(\d+)\s+(\w{3} \w{3} [\s\d]\d [\d:]{8} \d{4})\s+(.*)$/s.exec(line.trimEnd()) ?? []
  if (parentId === undefined) return undefined
  const startedAt = new Date(started)
  const [program = ''] = command.split(' ')
  const hasEnvironment = / [A-Z_]+=/.test(command)
  return {
    processId,
    parentId: Number(parentId),
    name: program.slice(program.lastIndexOf('/') + 1).replace(/^-/, ''),
    // Paths of applications have spaces, and nothing says where the arguments begin.
    paths: [command.replace(/ (?:[-/]|[A-Z_]+=).*$/s, '')],
    startedAt: Number.isNaN(startedAt.getTime()) ? undefined : startedAt,
    environment: hasEnvironment ? pick(command.split(' '), names) : undefined,
  }
}

function pick(entries: readonly string[], names: readonly string[]): ReadonlyMap<string, Secret> {
  return new Map(
    entries.flatMap((entry) => {
      const equals = entry.indexOf('=')
      const name = entry.slice(0, equals)
      return names.includes(name) ? [[name, new Secret(entry.slice(equals + 1))] as const] : []
    }),
  )
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended, or is somebody else's.
    return undefined
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    return undefined
  }
}

function ownerOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}
