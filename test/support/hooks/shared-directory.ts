import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** For what several test files of a run use and one of them makes. */
    sharedDirectory: string
  }
}

/** Makes a directory for the run of all tests, which is removed when they have ended. */
export function setup({ provide }: TestProject): () => void {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'acs-env-shared-')))
  provide('sharedDirectory', directory)
  return () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
}
