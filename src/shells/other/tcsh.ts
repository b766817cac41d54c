import { existsSync, realpathSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LOGIN_SHELL_PROGRAMS } from '../../shell-names.ts'
import { programName } from '../../shell-names.ts'
import { shellPath } from '../posix-words.ts'
import type { OtherShell, StartupPlace } from '../shell.ts'
import { runInSh } from './run-in-sh.ts'

/** Even within single quotes, `!` recalls a line of the history and a line break ends the quote, unless escaped. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`).replaceAll(/[!\n]/g, String.raw`\$&`)}'`
}

/** tcsh and csh. */
export const tcsh: OtherShell = {
  family: 'other',
  name: 'tcsh',
  programs: LOGIN_SHELL_PROGRAMS.tcsh,
  comesFirst: 'nothing',
  // The `;` is for `eval`, which makes one line of several.
  assign: (name, value) => `setenv ${name} ${quote(value)};`,
  readAssignment: (text) => {
    const [, name, quoted] = /^setenv (\w+) ('(?:[^'!\n\\]|\\[!\n]|\\(?![!\n])|'\\'')*');$/s.exec(text) ?? []
    if (name === undefined || quoted === undefined) return undefined
    const value = quoted
      .slice(1, -1)
      .replaceAll(String.raw`'\''`, "'")
      .replaceAll(/\\([!\n])/g, '$1')
    return { name, value }
  },
  // It has no way to read a file but to start a program.
  readValue: (name, file) => [`if ( -r ${file} ) setenv ${name} "\`cat ${file}\`"`],
  load: (path, home) => ({ kind: 'command', text: `source ${shellPath(path, home)}` }),
  // What `set` sets is another thing than an environment variable of that name.
  setWord: () => "''",
  open: (start, command) => ({
    args: ['-i', '-c', runInSh(command, quote)],
    // "-l" goes with no other argument.
    ...(start === 'login' && { calledAs: '-tcsh' }),
  }),
  startup: async (place) => {
    const path = mainFile(place)
    const { own, older } = candidates(place.home)
    return {
      loadPoints: [{ kind: 'block', path, readBy: ['login', 'interactive'], ifMissing: 'create', preamble: [] }],
      // The first is read in the place of the second, should it appear.
      files: [own, ...(path === older || existsSync(older) ? [older] : []), join(place.home, '.login')],
      starts: ['login', 'interactive'],
    }
  },
}

function candidates(home: string) {
  return { own: join(home, '.tcshrc'), older: join(home, '.cshrc') }
}

/** tcsh reads `~/.tcshrc`, and only without one `~/.cshrc`, which is all that an original csh knows. */
function mainFile({ home, program }: StartupPlace): string {
  const { own, older } = candidates(home)
  if (programName(program) === 'csh' && programName(realProgram(program)) !== 'tcsh') return older
  return !existsSync(own) && existsSync(older) ? older : own
}

/** On macOS, and on Debian with tcsh installed, csh is a link to it. */
function realProgram(program: string): string {
  try {
    return basename(realpathSync(program))
  } catch {
    return program
  }
}
