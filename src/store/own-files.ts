import { join } from 'node:path'
import { readFileState, type FileState } from '../files/read.ts'
import { Secret } from '../secret.ts'
import type { Step, ValueKind } from './store.ts'

const PRIVATE = 0o600

/**
 * The value in a value file: its first line, without the CR of an editor that a shell would keep; `status` tells of that.
 * Undefined where there is no file, or nothing in it.
 */
export function readValue(directory: string, kind: ValueKind): Secret | undefined {
  const text = readFileState(join(directory, kind)).bytes?.toString('utf8') ?? ''
  const line = text.split('\n', 1)[0]?.replace(/\r$/, '') ?? ''
  return line === '' ? undefined : new Secret(line)
}

/** Keeps the directory out of a git repository that `~/.config` may be part of. */
export function gitignoreStep(directory: string): readonly Step[] {
  const file = privateFile(directory, '.gitignore')
  return file.state.bytes === undefined ? privateFileStep(file, '*\n') : []
}

/** A file of ours as it is now. */
export interface PrivateFile {
  readonly path: string
  readonly state: FileState
}

export function privateFile(directory: string, name: string): PrivateFile {
  const path = join(directory, name)
  return { path, state: readFileState(path) }
}

/** The step that writes a file of ours, or none where it has these contents and is private already. */
export function privateFileStep(
  { path, state }: PrivateFile,
  contents: string | undefined,
  told: { readonly summary: string; readonly preview: readonly string[] } = { summary: '', preview: [] },
): readonly Step[] {
  const bytes = contents === undefined ? undefined : Buffer.from(contents)
  if (bytes !== undefined && state.bytes?.equals(bytes) && isPrivate(state)) return []
  return [{ kind: 'write-file', path, state, bytes, mode: PRIVATE, ...told }]
}

function isPrivate({ mode }: FileState): boolean {
  return mode === undefined || (mode & 0o077) === 0
}

/** The object in a file of ours, perhaps as it was read; undefined where there is none, or anything else in it. */
export function readJson(
  directory: string,
  name: string,
  { bytes } = readFileState(join(directory, name)),
): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes?.toString('utf8') ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
