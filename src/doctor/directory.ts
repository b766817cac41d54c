import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'

/** The paths of what is in a directory; none where it cannot be read. */
export function pathsIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory).map((name) => join(directory, name))
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return []
  }
}
