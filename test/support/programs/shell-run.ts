import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface ShellRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a shell with nothing of the developer's in its environment. Standard input is /dev/null: on a socket bash reads .bashrc. */
export function runShell(
  program: string,
  args: readonly string[],
  home: string,
  env: Readonly<Record<string, string>> = {},
): ShellRun {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: dirname(home),
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, LANG: 'C.UTF-8', TERM: 'dumb', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'latin1',
    timeout: 20_000,
    maxBuffer: 256 * 1024 * 1024,
  })
  return { status, stdout, stderr }
}

/** What a shell hands on to a child, as the kernel has it: name to raw bytes. */
export interface StartedShell extends ShellRun {
  readonly environment: ReadonlyMap<string, Buffer>
}

/** Runs a shell for a command that writes its own environment to a file. `prelude` comes before it. */
export function startShell(
  program: string,
  args: readonly string[],
  home: string,
  { prelude = '', env = {} }: { readonly prelude?: string; readonly env?: Readonly<Record<string, string>> } = {},
): StartedShell {
  const file = join(dirname(home), 'environment')
  rmSync(file, { force: true })
  writeFileSync(file, '')
  const command = `${prelude}cat /proc/self/environ > "$ENVIRONMENT_FILE"`
  const run = runShell(program, [...args, command], home, { ...env, ENVIRONMENT_FILE: file })
  return { ...run, environment: parseEnvironment(readFileSync(file)) }
}

function parseEnvironment(bytes: Buffer): ReadonlyMap<string, Buffer> {
  const entries = splitBytes(bytes).map((entry) => {
    const equals = entry.indexOf('=')
    return [entry.toString('latin1', 0, equals), entry.subarray(equals + 1)] as const
  })
  return new Map(entries)
}

/** What stands before each NUL. */
export function splitBytes(bytes: Buffer): readonly Buffer[] {
  const parts: Buffer[] = []
  let start = 0
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, start)) {
    parts.push(bytes.subarray(start, at))
    start = at + 1
  }
  return parts
}
