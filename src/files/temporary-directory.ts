import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'
import type { System } from '../system/system.ts'
import { fileError } from './file-error.ts'

/** Does `work` with a new private directory, which is gone afterwards with everything in it. */
export async function withTemporaryDirectory<Result>(
  prefix: string,
  { temporaryDirectory }: System,
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  return await doIn(makeDirectory(join(temporaryDirectory, prefix)), work)
}

/** No directory could be made anywhere; `code` is the system's reason, such as `EROFS`. */
export interface NoDirectory {
  readonly kind: 'no-directory'
  readonly code: string | undefined
}

/**
 * As `withTemporaryDirectory`, for work that can be left out. Where the temporary directory is full or read-only it
 * tries the directory of the session, which is in memory on Linux.
 */
export async function tryWithTemporaryDirectory<Result>(
  prefix: string,
  { temporaryDirectory, env }: Pick<System, 'temporaryDirectory' | 'env'>,
  work: (directory: string) => Promise<Result>,
): Promise<Result | NoDirectory> {
  let code: string | undefined
  for (const parent of [temporaryDirectory, env.XDG_RUNTIME_DIR]) {
    if (parent === undefined) continue
    let directory: string
    try {
      directory = mkdtempSync(join(parent, prefix))
    } catch (error) {
      code ??= systemCode(error)
      continue
    }
    return await doIn(directory, work)
  }
  return { kind: 'no-directory', code }
}

async function doIn<Result>(directory: string, work: (directory: string) => Promise<Result>): Promise<Result> {
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
