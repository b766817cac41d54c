import { basename } from 'node:path'
import { UsageError } from '../../errors.ts'
import { printable } from '../../text/printable.ts'

/** Start-up files of shells that read another language, by the ends of their names. */
const FOREIGN: readonly (readonly [name: RegExp, shell: string])[] = [
  [/\.fish$/, 'fish'],
  [/\.nu$/, 'nushell'],
  [/(?:\.xsh|xonshrc)$/, 'xonsh'],
  [/(?:\.elv)$/, 'elvish'],
  [/\.ps1$/i, 'PowerShell'],
  [/^\.(?:t?cshrc|login)$/, 'tcsh'],
]

/** Refuses a file that the block would break: such a shell then reads nothing of it, the user's own settings neither. */
export function requireOwnLanguage(path: string): void {
  const shell = FOREIGN.find(([name]) => name.test(basename(path)))?.[1]
  if (shell === undefined) return
  throw new UsageError(`${printable(basename(path))} is a file of ${shell}, which cannot read what would be written.`, {
    code: 'foreign_profile',
    hint: `name a file of bash, zsh or sh; or load the values there from "acs-env env"`,
  })
}
