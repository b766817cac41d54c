import type { StoredVariable } from './shell.ts'

/** Single quotes keep every character but themselves; those are closed, escaped and opened again. */
function quotePosix(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`
}

/**
 * Reads a value that has no line ending, in bash, zsh, dash and ksh alike, under `set -eu` too: `read` reports the
 * missing line ending as a failure, hence the `|| :`. Dash would make nothing of `$(<file)`, and `$(cat)` starts a
 * process in every new shell.
 */
export function readStatementPosix({ name, file }: StoredVariable): readonly string[] {
  return [`if [ -r ${file} ]; then`, `  IFS= read -r ${name} < ${file} || :`, `  export ${name}="$${name}"`, 'fi']
}

export function exportStatementPosix(name: string, value: string): string {
  return `export ${name}=${quotePosix(value)}`
}

/** A path for a command line that a person will copy: `~/.zshrc` where it is below the home, quoted where it must be. */
export function shellPath(path: string, home: string): string {
  const below = path.startsWith(`${home}/`) ? path.slice(home.length + 1) : undefined
  const word = (text: string): string => (/^[\w./:@%+,=-]+$/.test(text) ? text : quotePosix(text))
  return below === undefined ? word(path) : `~/${word(below)}`
}
