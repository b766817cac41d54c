import { programName } from '../../shell-names.ts'
import { printable } from '../../text/printable.ts'
import type { Finding } from './explain.ts'

/** What to say about a login shell whose start-up files are not known here. */
export function explainUnknownShell(program: string): Finding & { readonly cure: string } {
  const shown = printable(programName(program))
  return {
    message: `acs-env does not know how ${shown}, your login shell, starts, so new terminals do not have the values.`,
    cure: 'Have its start-up file read them from ~/.config/acs-env, or from "acs-env env".',
    where: undefined,
  }
}
