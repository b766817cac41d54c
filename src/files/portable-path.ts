/** A path below the home as `~/…`, so that it holds when the home is moved or renamed. */
export function toPortable(path: string, home: string | undefined): string {
  return home !== undefined && path.startsWith(`${home}/`) ? `~/${path.slice(home.length + 1)}` : path
}

export function fromPortable(path: string, home: string | undefined): string {
  return home !== undefined && path.startsWith('~/') ? `${home}/${path.slice(2)}` : path
}
