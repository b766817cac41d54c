import { basename } from 'node:path'
import { UsageError } from '../../errors.ts'
import { otherLanguageOf } from '../../shells/other-files.ts'
import type { LoginShell } from '../../shells/shell.ts'
import { printable } from '../../text/printable.ts'

/**
 * Refuses a file in another language: what would be written would break it, and its shell would then read nothing of
 * it, not even the user's own settings.
 *
 * @param shell the one whose language would be written
 */
export function requireOwnLanguage(path: string, shell: LoginShell): void {
  const file = printable(basename(path))
  const other = otherLanguageOf(path)
  const isSame = other === undefined ? shell.family === 'posix' : other.shell === shell.name
  if (isSame) return
  if (other !== undefined) {
    throw new UsageError(`${file} is a file of ${other.shown}, which cannot read what would be written.`, {
      code: 'foreign_profile',
      hint: `name a file of ${shell.family === 'posix' ? 'bash, zsh or sh' : shell.name}; or set up ${other.shown} with --shell ${other.shell}`,
    })
  }
  throw new UsageError(`${file} does not look like a file of ${shell.name}, in whose language it would be written.`, {
    code: 'foreign_profile',
    hint: 'name with --shell the shell that reads it',
  })
}
