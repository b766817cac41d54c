import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { System } from '../system/system.ts'
import { exportStatementPosix, quotePosix, readStatementPosix, shellPath } from './posix.ts'
import type { Shell } from './shell.ts'

const ASK_TIMEOUT_MS = 5_000

export const zsh: Shell = {
  name: 'zsh',
  dialect: 'zsh',
  profiles: async (home, system) => [
    { path: join(await findDotDirectory(home, system), '.zshrc'), handOver: [], onlyIfPresent: false },
  ],
  readAfterwards: ['.zlogin'],
  quote: quotePosix,
  readStatement: readStatementPosix,
  exportStatement: exportStatementPosix,
  newShellArguments: (command) => ['-l', '-i', '-c', command],
  loadCommand: (path, home) => `source ${shellPath(path, home)}`,
}

/** `$ZDOTDIR`, else what zsh itself makes of it: it is often set in `.zshenv` and not exported. */
async function findDotDirectory(home: string, system: System): Promise<string> {
  const { ZDOTDIR } = system.env
  if (ZDOTDIR !== undefined && isAbsolute(ZDOTDIR)) return ZDOTDIR
  // zsh is started only where there is something to find out: it takes longer than all the rest.
  const startFiles = [join(home, '.zshenv'), '/etc/zshenv', '/etc/zsh/zshenv']
  if (!startFiles.some(mentionsDotDirectory)) return home
  const result = await system.run('zsh', ['-c', 'printf "%s" "$ZDOTDIR"'], { timeoutMs: ASK_TIMEOUT_MS })
  const answer = result.kind === 'exited' && result.exitCode === 0 ? result.stdout : ''
  return isAbsolute(answer) && !/[\r\n]/.test(answer) ? answer : home
}

function mentionsDotDirectory(path: string): boolean {
  try {
    return readFileSync(path).includes('ZDOTDIR')
  } catch {
    return false
  }
}
