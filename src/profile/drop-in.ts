/** The first line of a file that is ours alone, in a directory of which a shell reads everything. */
const MARKER = '# managed by acs-env'
const MADE = /^# acs-env made the directory (.+)$/m

/** The whole file. */
export function dropInText(lines: readonly string[]): string {
  return [`${MARKER}: what you add here is lost`, ...lines, ''].join('\n')
}

/** Whether a file is one of ours. */
export function isDropIn(bytes: Buffer | undefined): boolean {
  return bytes?.subarray(0, MARKER.length).toString('latin1') === MARKER
}

/** A line that names the topmost directory that was made for a file, which has to go with it. */
export function madeDirectoryLine(directory: string): string {
  return `# acs-env made the directory ${directory}`
}

/** The directory that such a line in a file, or in its block, names; undefined where there is none. */
export function madeDirectoryIn(text: string): string | undefined {
  return MADE.exec(text)?.[1]
}
