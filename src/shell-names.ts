/** The shells whose start-up files can load the variables, and the programs that speak their languages. */
export const LOGIN_SHELL_PROGRAMS = {
  bash: ['bash'],
  zsh: ['zsh'],
  sh: ['sh', 'dash', 'ash'],
  ksh: ['ksh', 'ksh93'],
  mksh: ['mksh'],
  fish: ['fish'],
  nu: ['nu', 'nushell'],
  xonsh: ['xonsh'],
  tcsh: ['tcsh', 'csh'],
  elvish: ['elvish'],
  powershell: ['pwsh', 'powershell'],
} as const

/** The shells that only get statements, and no start-up file. */
export const STATEMENT_SHELL_PROGRAMS = {
  cmd: ['cmd', 'cmd.exe'],
} as const

export type LoginShellName = keyof typeof LOGIN_SHELL_PROGRAMS
export type ShellName = LoginShellName | keyof typeof STATEMENT_SHELL_PROGRAMS

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

function names<Table extends object>(table: Table): readonly (keyof Table)[] {
  return Object.keys(table) as (keyof Table)[]
}
