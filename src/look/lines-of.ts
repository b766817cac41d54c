import { readFileSync, statSync } from 'node:fs'

/** A start-up file that is larger is none that a person wrote. */
const MAX_BYTES = 4 * 1024 * 1024

/** The lines of a file; none where it cannot be read. */
export function linesOf(file: string): readonly string[] {
  try {
    const stats = statSync(file)
    return stats.isFile() && stats.size <= MAX_BYTES ? readFileSync(file, 'latin1').split('\n') : []
  } catch {
    return []
  }
}
