import { readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { CliError } from '../errors.ts'
import type { System } from '../system/system.ts'
import { exportStatementPosix, readStatementPosix, shellPath } from './posix.ts'
import type { Shell } from './shell.ts'

const ASK_TIMEOUT_MS = 5_000

export const zsh: Shell = {
  name: 'zsh',
  dialect: 'zsh',
  profiles: async (home, system) => [
    { path: join(await findDotDirectory(home, system), '.zshrc'), handOver: [], onlyIfPresent: false },
  ],
  readAfterwards: ['.zlogin'],
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
  if (!startFiles.some(maySetDotDirectory)) return home
  const options = { timeoutMs: ASK_TIMEOUT_MS, env: system.inheritedEnv }
  const result = await system.run('zsh', ['-c', String.raw`printf '\0%s\0' "$ZDOTDIR"`], options)
  if (result.kind === 'timed-out') {
    throw new CliError('zsh did not start within 5 seconds, so which profile it reads is not known.', {
      code: 'shell',
      hint: 'see what ~/.zshenv waits for, or name the profile with --rc-file',
    })
  }
  // Around it stands what the start files print.
  const answer = (result.kind === 'exited' && result.exitCode === 0 && result.stdout.split('\0').at(-2)) || ''
  return isAbsolute(answer) && !/[\r\n]/.test(answer) ? answer : home
}

/** By itself, or in another file that it reads. */
function maySetDotDirectory(path: string): boolean {
  try {
    return /ZDOTDIR|^(?:[^#\n]*[\s;&|({])?(?:\.|source|eval)[ \t]/m.test(readFileSync(path, 'latin1'))
  } catch {
    return false
  }
}
