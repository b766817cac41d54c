import { join } from 'node:path'
import { LOGIN_SHELL_PROGRAMS } from '../../shell-names.ts'
import { shellPath } from '../posix-words.ts'
import type { OtherShell } from '../shell.ts'
import { configurationDirectory } from './configuration-directory.ts'
import { runInSh } from './run-in-sh.ts'

/** What PowerShell takes for a single quote: the typographic ones too. */
const QUOTES = "'‘’‚‛"

/** Inside single quotes each quote is doubled. */
function quote(text: string): string {
  return `'${text.replaceAll(new RegExp(`[${QUOTES}]`, 'g'), '$&$&')}'`
}

/** PowerShell on macOS and Linux; Windows hands the variables on by itself. */
export const powershell: OtherShell = {
  family: 'other',
  name: 'powershell',
  programs: LOGIN_SHELL_PROGRAMS.powershell,
  comesFirst: /^[ \t]*(?:using[ \t]+(?:namespace|module|assembly)\b|param[ \t]*\(|\[CmdletBinding\b)/im,
  assign: (name, value) => `$env:${name} = ${quote(value)}`,
  readAssignment: (text) => {
    const pattern = new RegExp(String.raw`^\$env:(\w+) = '((?:[^${QUOTES}]|([${QUOTES}])\3)*)'$`, 's')
    const [, name, value] = pattern.exec(text) ?? []
    if (name === undefined || value === undefined) return undefined
    return { name, value: value.replaceAll(new RegExp(String.raw`([${QUOTES}])\1`, 'g'), '$1') }
  },
  readValue: (name, file) => {
    const path = `"${file.replace(/^~/, '$HOME')}"`
    return [
      `if (Test-Path -LiteralPath ${path} -PathType Leaf) {`,
      `  $env:${name} = [IO.File]::ReadAllText(${path}).TrimEnd("\`r", "\`n")`,
      '}',
    ]
  },
  load: (path, home) => ({ kind: 'command', text: `. ${shellPath(path, home)}` }),
  // Its own variables are no environment variables.
  setWord: () => "''",
  open: (start, command) => ({
    // "-Login" has to be the first argument.
    args: [...(start === 'login' ? ['-Login'] : []), '-NoLogo', '-Command', runInSh(command, quote)],
  }),
  startup: async (place) => {
    const directory = join(configurationDirectory(place), 'powershell')
    const path = join(directory, 'profile.ps1')
    return {
      loadPoints: [{ kind: 'block', path, readBy: ['login', 'interactive'], ifMissing: 'create', preamble: [] }],
      files: [path, join(directory, 'Microsoft.PowerShell_profile.ps1')],
      starts: ['login', 'interactive'],
    }
  },
}
