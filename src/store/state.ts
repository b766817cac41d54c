import { CliError } from '../errors.ts'
import { fromPortable, toPortable } from '../files/portable-path.ts'
import { printable } from '../text/printable.ts'
import { isIdentityId } from '../values/identity-id.ts'
import { isResourceName } from '../values/resource-name.ts'
import { isScope } from '../values/scopes.ts'
import { isShellOwned } from '../values/variable-name.ts'
import { privateFile, readJson, type PrivateFile } from './own-files.ts'
import { readSource } from './remembered-source.ts'
import type { FileMark, Seen } from './seen.ts'
import {
  NO_STATE,
  type DotenvTarget,
  type Invalidated,
  type Issued,
  type KnownIdentity,
  type StartupRecord,
  type State,
  type Variable,
} from './stored.ts'

const FILE = 'state.json'
/** Each command reads it several times; ours has some kilobytes. */
const MOST_BYTES = 1024 * 1024
export const VERSION = 1
/** The version of the way in which blocks are placed; 0.1 wrote none. */
export const PLACEMENT = 2
/** More resources than anybody goes back to. */
export const MOST_IDENTITIES = 50

/** The file that it is in. */
export function stateFile(directory: string): PrivateFile {
  return privateFile(directory, FILE)
}

/** What is in the file, whatever its version; undefined where that is no record of anything. */
export function readStateDocument(file: PrivateFile): Record<string, unknown> | undefined {
  return readJson(file, MOST_BYTES)
}

/** Throws where a later version has written the state: what that remembers would be lost. */
export function requireNoLaterState(directory: string, home?: string, file = stateFile(directory)): void {
  const { version } = readStateDocument(file) ?? {}
  if (typeof version === 'number' && version > VERSION) throw ofLaterVersion(file.path, home)
}

/** The error for a file of ours in a form that only a later version knows. */
export function ofLaterVersion(path: string, home: string | undefined): CliError {
  return new CliError(`${printable(toPortable(path, home))} was written by a later version of acs-env.`, {
    code: 'file',
    hint: 'update this one, with "npm install -g acs-env" or "npx acs-env@latest"',
  })
}

/**
 * What is remembered. A damaged file, or one of a later version, counts as none: everything in it can be found out again.
 *
 * @param home what paths are kept relative to; a home may be moved
 */
export function readState(directory: string, home?: string): State {
  const document = readStateDocument(stateFile(directory))
  if (document === undefined || document.version !== VERSION) return NO_STATE
  const { variables, created_directories } = document
  return {
    issued: readIssued(document),
    invalidated: readInvalidated(document.invalidated),
    variables: Array.isArray(variables) ? variables.flatMap(readVariable) : NO_STATE.variables,
    startup: readStartup(document, home),
    seen: readSeen(document.seen, home),
    dotenv: Array.isArray(document.dotenv) ? document.dotenv.flatMap((target) => readDotenv(target, home)) : [],
    createdDirectories: (pathsOf(created_directories, home) ?? []).filter((path) => isAbove(path, directory)),
    name: readName(document.name),
    identities: Array.isArray(document.identities)
      ? document.identities.slice(0, MOST_IDENTITIES).flatMap(readIdentity)
      : [],
  }
}

/** Only directories on the way to ours can have been made for it. */
function isAbove(path: string, directory: string): boolean {
  return directory.startsWith(path) && /^[/\\]/.test(directory.slice(path.length))
}

function readIssued(document: Record<string, unknown>): Issued {
  const { user_id, scopes, lifetime_minutes, expires_on } = document
  const expiresOn = textOf(expires_on)
  const userId = textOf(user_id)
  return {
    endpoint: textOf(document.endpoint),
    userId: userId !== undefined && isIdentityId(userId) ? userId : undefined,
    scopes: textsOf(scopes)?.filter(isScope),
    lifetimeMinutes: typeof lifetime_minutes === 'number' ? lifetime_minutes : undefined,
    expiresOn: expiresOn !== undefined && !Number.isNaN(Date.parse(expiresOn)) ? expiresOn : undefined,
    tokenDigest: textOf(document.token_digest),
    renewedAt: textOf(document.renewed_at),
    source: readSource(asRecord(document.source)),
  }
}

function readInvalidated(value: unknown): Invalidated | undefined {
  const { reason, user_id, token_digest, at } = asRecord(value)
  const [userId, time] = [textOf(user_id), textOf(at)]
  if (reason !== 'revoked' && reason !== 'deleted') return undefined
  if (userId === undefined || !isIdentityId(userId) || time === undefined) return undefined
  return Number.isNaN(Date.parse(time)) ? undefined : { reason, userId, tokenDigest: textOf(token_digest), at: time }
}

function readStartup(document: Record<string, unknown>, home: string | undefined): StartupRecord | undefined {
  const profiles = pathsOf(document.profiles, home)
  const shell = textOf(document.shell)
  if (profiles === undefined || shell === undefined) return undefined
  const rcFile = textOf(document.rc_file)
  return {
    profiles,
    shell,
    activation: document.activation === null ? null : textOf(document.activation),
    accountShell: textOf(document.account_shell),
    accountsFile: readMark(document.accounts_file, home),
    rcFile: rcFile === undefined ? undefined : fromPortable(rcFile, home),
    files: pathsOf(document.startup_files, home) ?? profiles,
    isInline: document.inline === true,
    isPlaced: document.placement === PLACEMENT,
  }
}

function readSeen(value: unknown, home: string | undefined): Seen | undefined {
  const { outcome, checked_at, findings, files } = asRecord(value)
  const checkedAt = textOf(checked_at)
  const isOutcome = outcome === 'seen' || outcome === 'not-seen' || outcome === 'not-checked'
  if (!isOutcome || checkedAt === undefined || Number.isNaN(Date.parse(checkedAt))) return undefined
  return {
    outcome,
    checkedAt,
    findings: textsOf(findings) ?? [],
    files: Array.isArray(files) ? files.flatMap((file) => readMark(file, home) ?? []) : [],
  }
}

function readMark(value: unknown, home: string | undefined): FileMark | undefined {
  const { path, size, modified_ms, inode } = asRecord(value)
  if (typeof path !== 'string') return undefined
  return {
    path: fromPortable(path, home),
    size: numberOf(size),
    modifiedMs: numberOf(modified_ms),
    inode: numberOf(inode),
  }
}

function readDotenv(value: unknown, home: string | undefined): readonly DotenvTarget[] {
  const { file, variables, endpoints, created, added_newline, mode, forced } = asRecord(value)
  if (typeof file !== 'string' || !Array.isArray(variables)) return []
  return [
    {
      file: fromPortable(file, home),
      variables: variables.flatMap(readVariable),
      endpoints: textsOf(endpoints) ?? [],
      created: created === true,
      addedNewline: added_newline === true,
      mode: numberOf(mode),
      forced: forced === true,
    },
  ]
}

function readIdentity(value: unknown): readonly KnownIdentity[] {
  const { endpoint, userId, scopes, lifetimeMinutes } = readIssued(asRecord(value))
  return endpoint === undefined || userId === undefined ? [] : [{ endpoint, userId, scopes, lifetimeMinutes }]
}

/** One that may be the name of a directory. */
function readName(value: unknown): string | undefined {
  const name = textOf(value)
  return name !== undefined && isResourceName(name) ? name : undefined
}

function readVariable(value: unknown): readonly Variable[] {
  const { name, value: kind } = asRecord(value)
  const isKnown = kind === 'connection-string' || kind === 'access-token' || kind === 'endpoint'
  const isName = typeof name === 'string' && /^\w+$/.test(name) && !isShellOwned(name)
  return isName && isKnown ? [{ name, value: kind }] : []
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

function textsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}

function pathsOf(value: unknown, home: string | undefined): readonly string[] | undefined {
  return textsOf(value)?.map((path) => fromPortable(path, home))
}
