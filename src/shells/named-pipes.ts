import { closeSync, constants, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../errors.ts'
import { type NoDirectory, tryWithTemporaryDirectory } from '../files/temporary-directory.ts'
import type { SessionOptions } from '../system/session.ts'
import type { System } from '../system/system.ts'
import { SHELL_DIRECTORY } from './session-environment.ts'

/** A pipe that a program finds by its path, in a private directory. */
export interface NamedPipe {
  readonly path: string
  /** Takes what is there, without waiting, and returns everything so far. */
  readonly read: () => Buffer
}

const CHUNK_BYTES = 64 * 1024

/**
 * Does `work` with so many named pipes, which are gone afterwards with all that stands beside them. Node cannot make
 * one, so a program is started, once for all of them.
 *
 * @param work gets nothing where the temporary directory takes no pipes
 */
export async function tryWithNamedPipes<Result>(
  count: number,
  options: Pick<SessionOptions, 'timeoutMs' | 'signal'>,
  system: System,
  work: (pipes: readonly NamedPipe[] | undefined) => Promise<Result>,
): Promise<Result | NoDirectory> {
  return await tryWithTemporaryDirectory(SHELL_DIRECTORY, system, async (directory) => {
    const paths = Array.from({ length: count }, (_, index) => join(directory, `pipe-${index}`))
    const made = await system.runInSession('mkfifo', ['-m', '600', ...paths], {
      env: { PATH: '/usr/bin:/bin' },
      workingDirectory: '/',
      ...options,
    })
    if (made.kind !== 'exited' || made.exitCode !== 0) return await work(undefined)
    const pipes: (NamedPipe & { readonly descriptor: number })[] = []
    try {
      for (const path of paths) {
        // Opened in this way, it does not wait for a writer.
        const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
        pipes.push({ path, descriptor, read: reader(descriptor) })
      }
      return await work(pipes)
    } finally {
      for (const { descriptor } of pipes) closeSync(descriptor)
    }
  })
}

function reader(descriptor: number): NamedPipe['read'] {
  const chunks: Buffer[] = []
  return () => {
    for (;;) {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      const length = readNow(descriptor, chunk)
      if (length === 0) return Buffer.concat(chunks)
      chunks.push(chunk.subarray(0, length))
    }
  }
}

/** 0 where nothing is there yet, or nobody writes. */
function readNow(descriptor: number, chunk: Buffer): number {
  try {
    return readSync(descriptor, chunk)
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return 0
    throw error
  }
}
