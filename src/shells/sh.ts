import { join } from 'node:path'
import { exportStatementPosix, readStatementPosix, shellPath } from './posix.ts'
import type { Shell } from './shell.ts'

/** The plain POSIX shell (sh, dash, ash), and ksh, which share their login profile. */
export const sh: Shell = {
  name: 'sh',
  dialect: 'posix',
  profiles: async (home) => [{ path: join(home, '.profile'), handOver: [], onlyIfPresent: false }],
  readAfterwards: [],
  readStatement: readStatementPosix,
  exportStatement: exportStatementPosix,
  newShellArguments: (command) => ['-l', '-c', command],
  // "." and not "source", which dash does not have.
  loadCommand: (path, home) => `. ${shellPath(path, home)}`,
}
