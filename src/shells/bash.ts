import { join } from 'node:path'
import { exportStatementPosix, readStatementPosix, shellPath } from './posix.ts'
import type { Shell } from './shell.ts'

/** A login bash reads only the first of three files; creating that one must not switch off the others. */
export const HAND_OVER: readonly string[] = [
  '# A login bash reads only the first of ~/.bash_profile, ~/.bash_login and ~/.profile.',
  '# acs-env created this file, so it hands over to the one that was in use.',
  'if [ -r ~/.bash_login ]; then',
  '  . ~/.bash_login',
  'elif [ -r ~/.profile ]; then',
  '  . ~/.profile',
  'fi',
]

export const bash: Shell = {
  name: 'bash',
  dialect: 'posix',
  profiles: async (home) => [
    { path: join(home, '.bash_profile'), handOver: HAND_OVER, onlyIfPresent: false },
    // Most desktop terminals start a bash that is no login shell and reads only this one.
    { path: join(home, '.bashrc'), handOver: [], onlyIfPresent: true },
  ],
  readAfterwards: [],
  readStatement: readStatementPosix,
  exportStatement: exportStatementPosix,
  newShellArguments: (command) => ['-l', '-c', command],
  loadCommand: (path, home) => `source ${shellPath(path, home)}`,
}
