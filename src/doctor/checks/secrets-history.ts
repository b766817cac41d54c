import { isAbsolute, join } from 'node:path'
import type { Environment } from '../../system/system.ts'
import type { Check } from '../check.ts'
import { pathsIn } from '../directory.ts'
import { spilledFindings } from '../spilled-findings.ts'

/** Of shells and of what people paste values into besides, below the home. */
const FILES = [
  '.bash_history',
  '.zsh_history',
  '.zhistory',
  '.histfile',
  '.sh_history',
  '.ksh_history',
  '.mksh_history',
  '.history',
  '.local/state/bash/history',
  '.local/state/zsh/history',
  '.cache/zsh/history',
  '.local/share/fish/fish_history',
  '.config/fish/fish_history',
  '.local/share/xonsh/xonsh-history.sqlite',
  '.config/nushell/history.txt',
  '.local/share/powershell/PSReadLine/ConsoleHost_history.txt',
  'AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt',
  '.node_repl_history',
  '.python_history',
  '.viminfo',
  '.lesshst',
]
/** macOS keeps a history for each window here. */
const DIRECTORIES = ['.bash_sessions', '.zsh_sessions']

/** What was typed at a prompt stays in a history. */
export const secretsHistory: Check = {
  id: 'secrets.history',
  fine: 'No history has the access key or the token.',
  on: 'every system',
  run: (facts) => {
    const { home, system } = facts
    if (home === undefined) return { skipped: 'there is no home directory' }
    const below = FILES.map((name) => join(home, name))
    const ofWindows = DIRECTORIES.flatMap((name) => pathsIn(join(home, name)))
    return spilledFindings([...new Set([...below, ...ofWindows, ...named(system.env)])], facts)
  },
}

/** Where variables say that histories are. */
function named({ HISTFILE, ZDOTDIR, XDG_DATA_HOME, XDG_STATE_HOME, APPDATA }: Environment): readonly string[] {
  const below = (directory: string | undefined, name: string): readonly string[] =>
    directory === undefined ? [] : [join(directory, name)]
  return [
    ...below(HISTFILE, ''),
    ...below(ZDOTDIR, '.zsh_history'),
    ...below(ZDOTDIR, '.histfile'),
    ...below(XDG_DATA_HOME, 'fish/fish_history'),
    ...below(XDG_STATE_HOME, 'bash/history'),
    ...below(XDG_STATE_HOME, 'zsh/history'),
    ...below(APPDATA, 'Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt'),
  ].filter((path) => isAbsolute(path))
}
