import { bash } from './bash.ts'
import { cmd } from './cmd.ts'
import { fish } from './fish.ts'
import { ksh } from './ksh.ts'
import { mksh } from './mksh.ts'
import { powershell } from './powershell.ts'
import { sh } from './sh.ts'
import type { LoginShell, Shell } from './shell.ts'
import { zsh } from './zsh.ts'

/** The shells whose start-up files can load the variables: `--shell`. */
export const loginShells: readonly LoginShell[] = [bash, zsh, sh, ksh, mksh]

/** Every shell there is: `env --format`. */
export const shells: readonly Shell[] = [...loginShells, fish, powershell, cmd]

/** The shell that this program is, by its path or name; undefined where none is known. */
export function loginShellOf(program: string): LoginShell | undefined {
  const name = programName(program)
  return loginShells.find(({ programs }) => programs.includes(name))
}

/** The shell of this name, as the state remembers it. */
export function loginShellNamed(name: string | undefined): LoginShell | undefined {
  return loginShells.find((shell) => shell.name === name)
}

/** A program's name without its directory; the own name of a login shell begins with "-". */
export function programName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/^-/, '')
}
