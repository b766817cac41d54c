import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileError } from '../../files/file-error.ts'

/** Empties our directory for the job, but for the lock, which is held and goes last. */
export function removeContents(directory: string): void {
  try {
    for (const name of readdirSync(directory)) {
      if (name !== 'lock') rmSync(join(directory, name), { recursive: true, force: true, maxRetries: 5 })
    }
  } catch (error) {
    throw fileError('removed', directory, error)
  }
}
