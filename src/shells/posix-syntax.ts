import type { Assignment, Command, Loading, Opened, ShellStart } from './shell.ts'

/** Single quotes keep every character but themselves; those are closed, escaped and opened again. */
export function quotePosix(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`
}

function assignPosix(name: string, value: string): string {
  return `export ${name}=${quotePosix(value)}`
}

function readAssignmentPosix(line: string): Assignment | undefined {
  const [, name, quoted] = /^export (\w+)=('(?:[^']|'\\'')*')$/s.exec(line) ?? []
  if (name === undefined || quoted === undefined) return undefined
  return { name, value: quoted.slice(1, -1).replaceAll(String.raw`'\''`, "'") }
}

/**
 * Reads a value that has no line ending, in bash, zsh, dash and ksh alike, under `set -eu` too: `read` reports the
 * missing line ending as a failure, hence the `|| :`. In dash `$(<file)` gives nothing, and `$(cat)` starts a process
 * in every new shell.
 */
export function readValuePosix(name: string, file: string): readonly string[] {
  return [`if [ -r ${file} ]; then`, `  IFS= read -r ${name} < ${file} || :`, `  export ${name}="$${name}"`, 'fi']
}

/** A path for a command line that a person will copy: `~/.zshrc` where it is below the home, quoted where it must be. */
export function shellPath(path: string, home: string): string {
  const below = path.startsWith(`${home}/`) ? path.slice(home.length + 1) : undefined
  const word = (text: string): string => (/^[\w./:@%+,=-]+$/.test(text) ? text : quotePosix(text))
  return below === undefined ? word(path) : `~/${word(below)}`
}

/** What the POSIX shells have in common. */
export const posixSyntax = {
  family: 'posix',
  assign: assignPosix,
  readAssignment: readAssignmentPosix,
  readValue: readValuePosix,
  load: (path: string, home: string): Loading => ({ kind: 'command', text: `source ${shellPath(path, home)}` }),
  // Also where an unset variable is an error, as after `set -u`.
  setWord: (name: string): string => `"\${${name}+set}"`,
  open: (start: ShellStart, { words, script }: Command): Opened => ({
    args: [...(start === 'login' ? ['-l'] : []), '-i', '-c', script(words)],
  }),
} as const
