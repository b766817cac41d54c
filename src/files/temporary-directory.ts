import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { System } from '../system/system.ts'
import { fileError } from './file-error.ts'

/** Does `work` with a new private directory, which is gone afterwards with everything in it. */
export async function withTemporaryDirectory<Result>(
  prefix: string,
  { temporaryDirectory }: System,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = makeDirectory(join(temporaryDirectory, prefix))
  try {
    return await work(directory)
  } finally {
    // On Windows a virus scanner may hold a file for a moment.
    rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  }
}

function makeDirectory(prefix: string): string {
  try {
    return mkdtempSync(prefix)
  } catch (error) {
    throw fileError('created', `${prefix}…`, error)
  }
}
