import { STATEMENT_SHELL_PROGRAMS } from '../shell-names.ts'
import type { Shell } from './shell.ts'

/** What PowerShell takes for a single quote: the typographic ones too. */
const QUOTES = "'‘’‚‛"

/** PowerShell, for its statements. Inside single quotes each quote is doubled. */
export const powershell: Shell = {
  name: 'powershell',
  programs: STATEMENT_SHELL_PROGRAMS.powershell,
  assign: (name, value) => `$env:${name} = '${value.replaceAll(new RegExp(`[${QUOTES}]`, 'g'), '$&$&')}'`,
  readAssignment: (line) => {
    const pattern = new RegExp(String.raw`^\$env:(\w+) = '((?:[^${QUOTES}]|([${QUOTES}])\3)*)'$`, 's')
    const [, name, text] = pattern.exec(line) ?? []
    if (name === undefined || text === undefined) return undefined
    return { name, value: text.replaceAll(new RegExp(String.raw`([${QUOTES}])\1`, 'g'), '$1') }
  },
}
