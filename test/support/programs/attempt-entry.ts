import { CliError } from '../../../src/errors.ts'
import { replaceFile, type Rewrite } from '../../../src/files/change/replace.ts'
import { whyNotWritable } from '../../../src/files/change/write-error.ts'
import { readFileState } from '../../../src/files/read.ts'

/** What is said about a file before it is written to, and the outcome. */
export interface Attempt {
  readonly why: Told | undefined
  readonly thrown: Told | undefined
}

interface Told {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
}

/** Asks whether a file can be written to, and then does it. */
export function attempt(path: string): Attempt {
  const state = readFileState(path)
  const why = told(whyNotWritable(state))
  try {
    replaceFile(state, Buffer.from('new\n'))
    return { why, thrown: undefined }
  } catch (error) {
    return { why, thrown: told(error) }
  }
}

function told(error: unknown): Told | undefined {
  if (error === undefined) return undefined
  if (!(error instanceof CliError)) throw error
  return { code: error.code, message: error.message, hint: error.hint }
}

/**
 * Replaces a file, for a process that will be killed meanwhile.
 *
 * @public only the bundle's own script calls it
 */
export function replace(path: string, contents: string, mode: string, rewrite: Rewrite): void {
  replaceFile(readFileState(path), Buffer.from(contents), mode === '' ? undefined : Number(mode), rewrite)
}
