import { CliError } from '../errors.ts'
import { fromPortable, toPortable } from '../files/portable-path.ts'
import { printable } from '../text/printable.ts'
import { isIdentityId } from '../values/identity-id.ts'
import { isResourceName } from '../values/resource-name.ts'
import { isScope } from '../values/scopes.ts'
import { isShellOwned } from '../values/variable-name.ts'
import { privateFile, privateFileStep, readJson, type PrivateFile } from './own-files.ts'
import type { Step } from './plan.ts'
import { readSource, sourceDocument } from './remembered-source.ts'
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
const VERSION = 1
/** The version of the way in which blocks are placed; 0.1 wrote none. */
const PLACEMENT = 2
/** More resources than anybody goes back to. */
const MOST_IDENTITIES = 50

/** Throws where a later version has written the state: what that remembers would be lost. */
export function requireNoLaterState(directory: string, home?: string, file = privateFile(directory, FILE)): void {
  const { version } = readJson(file, MOST_BYTES) ?? {}
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
  const document = readJson(privateFile(directory, FILE), MOST_BYTES)
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

/** The step that writes the state, or none where it is the same already. */
export function stateStep(
  directory: string,
  { issued, invalidated, variables, startup, seen, dotenv, createdDirectories, name, identities }: State,
  home?: string,
): readonly Step[] {
  const portable = (path: string): string => toPortable(path, home)
  const document = {
    version: VERSION,
    endpoint: issued.endpoint,
    user_id: issued.userId,
    scopes: issued.scopes,
    lifetime_minutes: issued.lifetimeMinutes,
    expires_on: issued.expiresOn,
    token_digest: issued.tokenDigest,
    invalidated: invalidated && {
      reason: invalidated.reason,
      user_id: invalidated.userId,
      token_digest: invalidated.tokenDigest,
      at: invalidated.at,
    },
    variables,
    profiles: startup?.profiles.map(portable),
    rc_file: startup?.rcFile === undefined ? undefined : portable(startup.rcFile),
    shell: startup?.shell,
    activation: startup?.activation,
    account_shell: startup?.accountShell,
    startup_files: startup?.files.map(portable),
    inline: startup?.isInline ? true : undefined,
    placement: startup?.isPlaced ? PLACEMENT : undefined,
    seen: seen && {
      outcome: seen.outcome,
      checked_at: seen.checkedAt,
      findings: seen.findings,
      files: seen.files.map(({ path, size, modifiedMs, inode }) => ({
        path: portable(path),
        size,
        modified_ms: modifiedMs,
        inode,
      })),
    },
    dotenv: dotenv.length === 0 ? undefined : dotenv.map((target) => dotenvDocument(target, portable)),
    created_directories: createdDirectories.map(portable),
    renewed_at: issued.renewedAt,
    source: issued.source && sourceDocument(issued.source),
    name,
    identities: identities.length === 0 ? undefined : identities.slice(0, MOST_IDENTITIES).map(identityDocument),
  }
  const file = privateFile(directory, FILE)
  requireNoLaterState(directory, home, file)
  // What a later release has added to this version of the file is kept for it.
  const later = Object.entries(readJson(file, MOST_BYTES) ?? {}).filter(([name]) => !(name in document))
  const contents = { ...document, ...Object.fromEntries(later) }
  return privateFileStep(file, Buffer.from(`${JSON.stringify(contents, null, 2)}\n`))
}

/** The file of the state, for those that remove it. */
export function stateFile(directory: string): PrivateFile {
  return privateFile(directory, FILE)
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
    files: Array.isArray(files) ? files.flatMap((file) => readMark(file, home)) : [],
  }
}

function readMark(value: unknown, home: string | undefined): readonly FileMark[] {
  const { path, size, modified_ms, inode } = asRecord(value)
  if (typeof path !== 'string') return []
  return [
    { path: fromPortable(path, home), size: numberOf(size), modifiedMs: numberOf(modified_ms), inode: numberOf(inode) },
  ]
}

function dotenvDocument(
  { file, variables, endpoints, created, addedNewline, mode, forced }: DotenvTarget,
  portable: (path: string) => string,
): object {
  return { file: portable(file), variables, endpoints, created, added_newline: addedNewline, mode, forced }
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

function identityDocument({ endpoint, userId, scopes, lifetimeMinutes }: KnownIdentity): object {
  return { endpoint, user_id: userId, scopes, lifetime_minutes: lifetimeMinutes }
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
