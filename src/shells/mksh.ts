import { LOGIN_SHELL_PROGRAMS } from '../shell-names.ts'
import { startupWithEnvironmentFile } from './posix-environment-file.ts'
import { sh } from './sh.ts'
import type { PosixShell } from './shell.ts'

/** mksh, which reads `~/.mkshrc` whenever it is interactive, unless `ENV` names another file. */
export const mksh: PosixShell = {
  ...sh,
  name: 'mksh',
  programs: LOGIN_SHELL_PROGRAMS.mksh,
  profileNames: ['.profile', '.mkshrc'],
  startup: (place) => startupWithEnvironmentFile('.mkshrc', place),
}
