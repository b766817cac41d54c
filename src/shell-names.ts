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
