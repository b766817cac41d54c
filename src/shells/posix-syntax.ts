import { quotePosix, shellPath } from './posix-words.ts'
import type { Assignment, Command, Loading, Opened, ShellStart } from './shell.ts'

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

/** What the POSIX shells have in common. */
export const posixSyntax = {
  family: 'posix',
  assign: assignPosix,
  readAssignment: readAssignmentPosix,
  readValue: readValuePosix,
  load: (path: string, home: string): Loading => ({ kind: 'command', text: `source ${shellPath(path, home)}` }),
  // Also where an unset variable is an error, as after `set -u`.
  setWord: (name: string): string => `\${${name}+set}`,
  open: (start: ShellStart, { words, script }: Command): Opened => ({
    args: [...(start === 'login' ? ['-l'] : []), '-i', '-c', script(words)],
  }),
} as const
