/** Where we are, or the root for a directory that is gone: without one execa throws. */
export function currentDirectory(): string {
  try {
    return process.cwd()
  } catch {
    return '/'
  }
}
