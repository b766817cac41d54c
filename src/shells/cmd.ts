import { CliError } from '../errors.ts'
import { STATEMENT_SHELL_PROGRAMS } from '../shell-names.ts'
import type { Shell } from './shell.ts'

/** cmd, for its statements. What it expands even between quotes, it has no way to write. */
export const cmd: Shell = {
  name: 'cmd',
  programs: STATEMENT_SHELL_PROGRAMS.cmd,
  assign: (name, value) => {
    if (/[%!"\r\n]/.test(value)) {
      throw new CliError(`The value of ${name} has a character that cmd cannot take.`, {
        code: 'format',
        hint: 'use --format powershell',
      })
    }
    return `set "${name}=${value}"`
  },
  readAssignment: (line) => {
    const [, name, value] = /^set "(\w+)=([^%!"\r\n]*)"$/.exec(line) ?? []
    return name === undefined || value === undefined ? undefined : { name, value }
  },
}
