import type { Secret } from '../secret.ts'
import type { Scope } from '../values/scopes.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { RememberedSource } from './remembered-source.ts'
import type { Seen } from './seen.ts'

/** The two values that are stored. */
export type ValueKind = 'connection-string' | 'access-token'

/** An environment variable and which of the values it gets. */
export interface Variable {
  readonly name: string
  readonly value: ValueKind
}

/** What setup stores unless it is asked for less or more. */
export const DEFAULT_VARIABLES: readonly Variable[] = [
  { name: CONNECTION_STRING_NAME, value: 'connection-string' },
  { name: ACCESS_TOKEN_NAME, value: 'access-token' },
]

/** What the service said of the stored token, and what it was asked for. */
export interface Issued {
  readonly endpoint?: string | undefined
  readonly userId?: string | undefined
  readonly scopes?: readonly Scope[] | undefined
  readonly lifetimeMinutes?: number | undefined
  /** ISO 8601, UTC. */
  readonly expiresOn?: string | undefined
  /** SHA-256 of the token that `expiresOn` and `userId` belong to. */
  readonly tokenDigest?: string | undefined
  /** When the token was stored; ISO 8601, UTC. */
  readonly renewedAt?: string | undefined
  /** What the next one is to be issued with, where that itself is not stored. */
  readonly source?: RememberedSource | undefined
}

/** What has made the stored token useless before its time. */
export interface Invalidated {
  /** Its tokens were revoked, or the identity itself is gone and can have no others. */
  readonly reason: 'revoked' | 'deleted'
  readonly userId: string
  /** SHA-256 of that token; undefined where none was stored. */
  readonly tokenDigest: string | undefined
  /** When it was found out; ISO 8601, UTC. */
  readonly at: string
}

/** The identity that an endpoint had, for when that endpoint comes back. */
export interface KnownIdentity {
  readonly endpoint: string
  readonly userId: string
  readonly scopes: readonly Scope[] | undefined
  readonly lifetimeMinutes: number | undefined
}

/** How new shells get the values, as setup left it. */
export interface StartupRecord {
  /** The files with the block, the one to load by hand first. */
  readonly profiles: readonly string[]
  readonly shell: string
  /** The login shell of the account at that time. */
  readonly accountShell: string | undefined
  /** The profile that was named with --rc-file. */
  readonly rcFile: string | undefined
  /** Every start-up file of that shell. */
  readonly files: readonly string[]
  /** False for what version 0.1 wrote, which put every block at the end. */
  readonly isPlaced: boolean
}

/** What is remembered between runs. No secret is in it. */
export interface State {
  readonly issued: Issued
  /** Undefined as long as the service takes the stored token, as far as is known here. */
  readonly invalidated: Invalidated | undefined
  /** What setup was asked to store. */
  readonly variables: readonly Variable[]
  /** Undefined on Windows, and where nothing is stored. */
  readonly startup: StartupRecord | undefined
  /** What new shells had when they were looked at last. */
  readonly seen: Seen | undefined
  /** Directories above our own that did not exist, the deepest first. */
  readonly createdDirectories: readonly string[]
  /** What the current resource is called; undefined as long as it is the only one, and nobody has named it. */
  readonly name: string | undefined
  /** Those of endpoints that were replaced, the last one first. */
  readonly identities: readonly KnownIdentity[]
}

/** What is stored now. */
export interface Stored {
  readonly connectionString: Secret | undefined
  readonly accessToken: Secret | undefined
  readonly state: State
}

/** A variable and what it has. */
export interface StoredValue {
  readonly name: string
  readonly secret: Secret
}

/** What is stored of a kind. */
export function storedValue(
  { connectionString, accessToken }: Pick<Stored, 'connectionString' | 'accessToken'>,
  kind: ValueKind,
): Secret | undefined {
  return kind === 'connection-string' ? connectionString : accessToken
}

/** What is remembered where nothing is. */
export const NO_STATE: State = {
  issued: {},
  invalidated: undefined,
  variables: DEFAULT_VARIABLES,
  startup: undefined,
  seen: undefined,
  createdDirectories: [],
  name: undefined,
  identities: [],
}
