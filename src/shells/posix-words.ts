/** Single quotes keep every character but themselves; those are closed, escaped and opened again. */
export function quotePosix(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`
}

/** A path as a word: without quotes where none are needed, which not every program that reads commands has. */
export function pathWord(path: string): string {
  return /^[\w./+-]+$/.test(path) ? path : quotePosix(path)
}

/** A path for a command line that a person will copy: `~/.zshrc` where it is below the home, quoted where it must be. */
export function shellPath(path: string, home: string): string {
  const below = path.startsWith(`${home}/`) ? path.slice(home.length + 1) : undefined
  const word = (text: string): string => (/^[\w./:@%+,=-]+$/.test(text) ? text : quotePosix(text))
  return below === undefined ? word(path) : `~/${word(below)}`
}
