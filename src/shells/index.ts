import { LOGIN_SHELL_PROGRAMS, STATEMENT_SHELL_PROGRAMS, type LoginShellName, type ShellName } from '../shell-names.ts'
import { bash } from './bash.ts'
import { cmd } from './cmd.ts'
import { ksh } from './ksh.ts'
import { mksh } from './mksh.ts'
import { sh } from './sh.ts'
import type { LoginShell, PosixShell, Shell } from './shell.ts'
import { zsh } from './zsh.ts'

/** The shells that read what sh reads. */
export const posixShells: readonly PosixShell[] = [bash, zsh, sh, ksh, mksh]

/** Every shell whose start-up files can load the variables: `--shell`. Those of other languages are loaded for it. */
export async function allLoginShells(): Promise<readonly LoginShell[]> {
  const { otherShells } = await import('./other/index.ts')
  return [...posixShells, ...otherShells]
}

/** The login shell of this name; the rarer ones are loaded for it. */
export async function loginShellNamed(name: LoginShellName): Promise<LoginShell> {
  const found = posixShells.find((shell) => shell.name === name) ?? (await otherShellNamed(name))
  if (found === undefined) throw new Error(`${name} is no login shell.`)
  return found
}

/** The shell of this name: `env --format`. */
export async function shellNamed(name: ShellName): Promise<Shell> {
  return name === 'cmd' ? cmd : await loginShellNamed(name)
}

/** The name of the login shell that this program is, by its path or name; undefined where none is known. */
export function loginShellNameOf(program: string): LoginShellName | undefined {
  const name = programName(program)
  return names(LOGIN_SHELL_PROGRAMS).find((shell) => LOGIN_SHELL_PROGRAMS[shell].some((own) => own === name))
}

/** The same for any shell. */
export function shellNameOf(program: string): ShellName | undefined {
  const name = programName(program)
  const isStatementShell = STATEMENT_SHELL_PROGRAMS.cmd.some((own) => own === name)
  return isStatementShell ? 'cmd' : loginShellNameOf(program)
}

/** Whether this is the name of a shell. */
export function isShellName(name: string): name is ShellName {
  return isLoginShellName(name) || Object.hasOwn(STATEMENT_SHELL_PROGRAMS, name)
}

/** Whether this is the name of a login shell. */
export function isLoginShellName(name: string): name is LoginShellName {
  return Object.hasOwn(LOGIN_SHELL_PROGRAMS, name)
}

/** A program's name without its directory; a login shell is called by a name that begins with "-". */
export function programName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/^-/, '')
}

async function otherShellNamed(name: LoginShellName): Promise<LoginShell | undefined> {
  const { otherShells } = await import('./other/index.ts')
  return otherShells.find((shell) => shell.name === name)
}

function names<Table extends object>(table: Table): readonly (keyof Table)[] {
  return Object.keys(table) as (keyof Table)[]
}
