import { LOGIN_SHELL_PROGRAMS } from '../shell-names.ts'
import { startupWithEnvironmentFile } from './posix-environment-file.ts'
import { sh } from './sh.ts'
import type { PosixShell } from './shell.ts'

/** ksh93, which reads `~/.kshrc` whenever it is interactive, unless `ENV` names another file. */
export const ksh: PosixShell = {
  ...sh,
  name: 'ksh',
  programs: LOGIN_SHELL_PROGRAMS.ksh,
  profileNames: ['.profile', '.kshrc'],
  startup: (place) => startupWithEnvironmentFile('.kshrc', place),
}
