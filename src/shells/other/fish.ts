import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { LOGIN_SHELL_PROGRAMS } from '../../shell-names.ts'
import { shellPath } from '../posix-words.ts'
import type { OtherShell } from '../shell.ts'
import { configurationDirectory } from './configuration-directory.ts'
import { runInSh } from './run-in-sh.ts'

/** In its single quotes only the backslash and the quote itself mean something. */
function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`
}

/** fish, of which every one reads all of `conf.d`, scripts too. */
export const fish: OtherShell = {
  family: 'other',
  name: 'fish',
  programs: LOGIN_SHELL_PROGRAMS.fish,
  comesFirst: 'nothing',
  assign: (name, value) => `set -gx ${name} ${quote(value)}`,
  readAssignment: (text) => {
    const [, name, value] = /^set -gx (\w+) '((?:[^\\']|\\[\\'])*)'$/s.exec(text) ?? []
    return name === undefined || value === undefined ? undefined : { name, value: value.replaceAll(/\\(.)/gs, '$1') }
  },
  // No program is started; fish before 3.0 has no $__fish_config_dir and none of the newer ways to read a file.
  readValue: (name, file) => [`if test -r ${file}`, `    read -gx ${name} < ${file}`, 'end'],
  load: (path, home) => ({ kind: 'command', text: `source ${shellPath(path, home)}` }),
  // It prints a line in either case: a substitution without one would be no word.
  setWord: (name) => `(set -q ${name}; and echo set; or echo)`,
  open: (start, command) => ({ args: [...(start === 'login' ? ['-l'] : []), '-i', '-c', runInSh(command, quote)] }),
  startup: async (place) => {
    const directory = join(configurationDirectory(place), 'fish')
    const path = join(directory, 'conf.d/acs-env.fish')
    const others = fishFilesIn(join(directory, 'conf.d')).filter((file) => file !== path)
    return {
      loadPoints: [{ kind: 'drop-in', path, readBy: ['login', 'interactive'] }],
      files: [path, ...others, join(directory, 'config.fish')],
      starts: ['login', 'interactive'],
    }
  },
}

function fishFilesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.fish'))
      .toSorted()
      .map((name) => join(directory, name))
  } catch {
    return []
  }
}
