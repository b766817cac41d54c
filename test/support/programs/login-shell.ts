import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a new shell has in its environment, byte for byte, and whatever it printed. */
export interface ShellView {
  readonly values: readonly (string | undefined)[]
  readonly output: string
}

/** Starts a real shell in a home and asks it for variables, the way a program that it starts would see them. */
export function readInShell(
  program: string,
  args: readonly string[],
  home: string,
  names: readonly string[],
): ShellView {
  const directory = mkdtempSync(join(tmpdir(), 'acs-env-shell-'))
  // Not a socket as standard input: bash would take itself for a remote shell and read ~/.bashrc.
  const input = openSync('/dev/null', 'r')
  try {
    const file = join(directory, 'environment')
    const run = spawnSync(program, [...args, `cat /proc/self/environ > '${file}'`], {
      env: { HOME: home, PATH: process.env.PATH, LANG: 'C.UTF-8' },
      cwd: home,
      stdio: [input, 'pipe', 'pipe'],
      encoding: 'utf8',
    })
    const entries = readFileSync(file, 'utf8').split('\0')
    const values = names.map((name) => entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1))
    return { values, output: run.stdout + run.stderr }
  } finally {
    closeSync(input)
    rmSync(directory, { recursive: true })
  }
}
