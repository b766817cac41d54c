import { join } from 'node:path'
import { LOGIN_SHELL_PROGRAMS } from '../../shell-names.ts'
import { shellPath } from '../posix-words.ts'
import type { OtherShell } from '../shell.ts'
import { configurationDirectory } from './configuration-directory.ts'
import { runInSh } from './run-in-sh.ts'

/** A quote within single quotes is doubled; everything else stands for itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** elvish, which reads `rc.elv` where it reads commands, from a terminal or not. */
export const elvish: OtherShell = {
  family: 'other',
  name: 'elvish',
  programs: LOGIN_SHELL_PROGRAMS.elvish,
  comesFirst: 'nothing',
  assign: (name, value) => `set-env ${name} ${quote(value)}`,
  readAssignment: (text) => {
    const [, name, value] = /^set-env (\w+) '((?:[^']|'')*)'$/s.exec(text) ?? []
    return name === undefined || value === undefined ? undefined : { name, value: value.replaceAll("''", "'") }
  },
  // An error would end the whole file. In a function of its own, so that the user does not see the modules.
  readValue: (name, file) => [
    '{',
    '  use path',
    '  use str',
    '  try {',
    `    if (path:is-regular &follow-symlink=$true ${file}) {`,
    `      set-env ${name} (str:trim-suffix (slurp < ${file}) "\\n")`,
    '    }',
    '  } catch error { }',
    '}',
  ],
  load: (path, home) => ({ kind: 'command', text: `eval (slurp < ${shellPath(path, home)})` }),
  // Its own variables are no environment variables.
  setWord: () => "''",
  // With "-c" it reads no start-up file.
  open: (_, command) => ({ args: [], input: `${runInSh(command, quote)}\n` }),
  startup: async (place) => {
    const path = join(configurationDirectory(place), 'elvish/rc.elv')
    return {
      loadPoints: [{ kind: 'block', path, readBy: ['interactive'], ifMissing: 'create', preamble: [] }],
      // 0.19 and older ones read it in the place of the other, should it appear.
      files: [join(place.home, '.elvish/rc.elv'), path],
      // It knows no login shells: terminals and log-ins start it alike.
      starts: ['interactive'],
    }
  },
}
