import { join } from 'node:path'
import { LOGIN_SHELL_PROGRAMS } from '../../shell-names.ts'
import { shellPath } from '../posix-words.ts'
import type { OtherShell } from '../shell.ts'
import { configurationDirectory } from './configuration-directory.ts'
import { runInSh } from './run-in-sh.ts'

/** Control characters, and whatever else Python takes for the end of a line. */
const CONTROL = /[\\'\p{Cc}\u2028\u2029]/gu
const ESCAPED = /\\(?:u([\da-f]{4})|(.))/g

/** A string of Python. */
function quote(text: string): string {
  const escape = (character: string): string =>
    character === '\\' || character === "'"
      ? `\\${character}`
      : `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  return `'${text.replaceAll(CONTROL, escape)}'`
}

function unquote(quoted: string): string {
  const plain = (_: string, code: string | undefined, character: string): string =>
    code === undefined ? character : String.fromCodePoint(Number.parseInt(code, 16))
  return quoted.slice(1, -1).replaceAll(ESCAPED, plain)
}

/** xonsh, which reads all of `rc.d` where it is interactive. */
export const xonsh: OtherShell = {
  family: 'other',
  name: 'xonsh',
  programs: LOGIN_SHELL_PROGRAMS.xonsh,
  comesFirst: 'nothing',
  assign: (name, value) => `$${name} = ${quote(value)}`,
  readAssignment: (text) => {
    const [, name, quoted = ''] = /^\$(\w+) = ('.*')$/.exec(text) ?? []
    if (name === undefined || quoted.length < 2) return undefined
    const value = unquote(quoted)
    return quote(value) === quoted ? { name, value } : undefined
  },
  // Without names of its own, which the user would have, too.
  readValue: (name, file) => [
    `if __import__('os').access(__import__('os').path.expanduser('${file}'), __import__('os').R_OK):`,
    `    $${name} = __import__('pathlib').Path('${file}').expanduser().read_text('utf-8').rstrip('\\n')`,
  ],
  load: (path, home) => ({ kind: 'command', text: `source ${shellPath(path, home)}` }),
  // A variable of Python is no environment variable.
  setWord: () => "''",
  open: (start, command) => ({
    args: [
      ...(start === 'login' ? ['-l'] : []),
      '-i',
      '-c',
      // In other strings, names of variables are replaced.
      `$[${runInSh(command, (text) => `@(${quote(text)})`)}]`,
    ],
  }),
  startup: async (place) => {
    const directory = join(configurationDirectory(place), 'xonsh')
    const path = join(directory, 'rc.d/acs-env.xsh')
    return {
      loadPoints: [{ kind: 'drop-in', path, readBy: ['login', 'interactive'] }],
      files: [join(directory, 'rc.xsh'), join(place.home, '.xonshrc'), path],
      starts: ['login', 'interactive'],
    }
  },
}
