import { STATEMENT_SHELL_PROGRAMS } from '../shell-names.ts'
import type { Shell } from './shell.ts'

/** fish, for its statements. In its single quotes only the backslash and the quote itself mean something. */
export const fish: Shell = {
  name: 'fish',
  programs: STATEMENT_SHELL_PROGRAMS.fish,
  assign: (name, value) => `set -gx ${name} '${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`,
  readAssignment: (line) => {
    const [, name, text] = /^set -gx (\w+) '((?:[^\\']|\\[\\'])*)'$/s.exec(line) ?? []
    return name === undefined || text === undefined ? undefined : { name, value: text.replaceAll(/\\(.)/gs, '$1') }
  },
}
