import { join } from 'node:path'
import { CliError } from '../errors.ts'
import { readFileState, type FileState } from '../files/replace.ts'
import { isScope } from '../inputs/scopes.ts'
import { Secret } from '../secret.ts'
import type { RestoreRecords, State, Step, ValueKind } from './platform.ts'

const PRIVATE = 0o600
const STATE_FILE = 'state.json'
const RESTORE_FILE = 'restore.json'

/** The value a shell reads from a value file: its first line. Undefined where there is no file, or nothing in it. */
export function readValue(directory: string, kind: ValueKind): Secret | undefined {
  const text = readFileState(join(directory, kind)).bytes?.toString('utf8') ?? ''
  const line = text.split('\n', 1)[0]?.replace(/\r$/, '') ?? ''
  return line === '' ? undefined : new Secret(line)
}

/** What is remembered. A damaged file counts as none: everything in it can be found out again. */
export function readState(directory: string): State {
  const value = readJson(directory, STATE_FILE)
  const { endpoint, user_id, scopes, lifetime_minutes, expires_on, token_digest, variables, profiles } = value ?? {}
  const { shell, created_directories, renewed_at } = value ?? {}
  const text = (field: unknown): string | undefined => (typeof field === 'string' ? field : undefined)
  const list = (field: unknown): unknown[] | undefined => (Array.isArray(field) ? field : undefined)
  const expiresOn = text(expires_on)
  return {
    endpoint: text(endpoint),
    userId: text(user_id),
    scopes: list(scopes)
      ?.filter((scope) => typeof scope === 'string')
      .filter(isScope),
    lifetimeMinutes: typeof lifetime_minutes === 'number' ? lifetime_minutes : undefined,
    expiresOn: expiresOn !== undefined && !Number.isNaN(Date.parse(expiresOn)) ? expiresOn : undefined,
    tokenDigest: text(token_digest),
    variables: list(variables)?.flatMap((variable) => {
      const { name, value: kind } = (variable ?? {}) as { name?: unknown; value?: unknown }
      const known = kind === 'connection-string' || kind === 'access-token'
      return typeof name === 'string' && /^\w+$/.test(name) && known ? [{ name, value: kind }] : []
    }),
    profiles: list(profiles)?.filter((path) => typeof path === 'string'),
    shell: text(shell),
    createdDirectories: list(created_directories)?.filter((path) => typeof path === 'string'),
    renewedAt: text(renewed_at),
  }
}

/** What `unset` needs to give the profiles back. A damaged file is an error: lines of the user's are in it. */
export function readRestoreRecords(directory: string): RestoreRecords {
  const { bytes, path } = readFileState(join(directory, RESTORE_FILE))
  if (bytes === undefined) return {}
  const value = readJson(directory, RESTORE_FILE)
  if (value === undefined) {
    throw new CliError(`${path} is damaged.`, {
      code: 'file',
      hint: 'it keeps the lines of your profile that acs-env took over; repair it or move it away',
    })
  }
  return value as RestoreRecords
}

/** The step that writes the state, or none where it is the same already. */
export function stateStep(directory: string, state: State): readonly Step[] {
  const document = {
    version: 1,
    endpoint: state.endpoint,
    user_id: state.userId,
    scopes: state.scopes,
    lifetime_minutes: state.lifetimeMinutes,
    expires_on: state.expiresOn,
    token_digest: state.tokenDigest,
    variables: state.variables,
    profiles: state.profiles,
    shell: state.shell,
    created_directories: state.createdDirectories,
    renewed_at: state.renewedAt,
  }
  return privateFileStep(privateFile(directory, STATE_FILE), `${JSON.stringify(document, null, 2)}\n`)
}

export function restoreStep(directory: string, records: RestoreRecords): readonly Step[] {
  if (Object.keys(records).length === 0) return []
  return privateFileStep(privateFile(directory, RESTORE_FILE), `${JSON.stringify(records, null, 2)}\n`)
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

function readJson(directory: string, name: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileState(join(directory, name)).bytes?.toString('utf8') ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
