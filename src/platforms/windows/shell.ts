import type { Environment } from '../../system/system.ts'
import { lookUp } from '../../system/windows-environment.ts'

/** The shells that people of Windows have in their consoles. */
export type WindowsShell = 'git-bash' | 'cmd' | 'powershell'

/** The shell that started us, as far as its traces in the environment tell. */
export function windowsShellAtHand(env: Environment): WindowsShell {
  if (isGitBash(env)) return 'git-bash'
  // cmd sets it, also the one that npx starts every program with, whatever shell npx was called from.
  return lookUp(env, 'PROMPT') === undefined || isBelowPowerShell(env) ? 'powershell' : 'cmd'
}

/** Git Bash, MSYS and Cygwin: POSIX shells on Windows. */
export function isGitBash(env: Environment): boolean {
  return lookUp(env, 'MSYSTEM') !== undefined || lookUp(env, 'SHELL') !== undefined
}

/**
 * PowerShell puts the user's own directory of modules in front of those of the system, and hands that on; without it
 * there are only those of programs, as of Windows itself and of SQL Server (about_PSModulePath).
 */
function isBelowPowerShell(env: Environment): boolean {
  const ofSystem = ['ProgramFiles', 'ProgramFiles(x86)', 'ProgramW6432', 'SystemRoot'].flatMap((name) => {
    const directory = lookUp(env, name)
    return directory === undefined ? [] : [`${directory}\\`.toLowerCase()]
  })
  return (lookUp(env, 'PSModulePath') ?? '')
    .toLowerCase()
    .split(';')
    .some(
      (path) =>
        /\\(?:windows)?powershell\\modules\\?$/.test(path) && !ofSystem.some((directory) => path.startsWith(directory)),
    )
}
