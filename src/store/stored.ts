import type { Secret } from '../secret.ts'
import type { Scope } from '../values/scopes.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { RememberedSource } from './remembered-source.ts'
import type { FileMark, Seen } from './seen.ts'

/** The values that are stored. The endpoint is a part of the connection string, for programs that want it alone. */
export type ValueKind = 'connection-string' | 'access-token' | 'endpoint'

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
  /** Where the credential for the next token comes from, if that is not stored itself. */
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
  /** The files with the block, and those of our own, the one to load by hand first. */
  readonly profiles: readonly string[]
  /** The name of a shell that is known, or the program of one that is not. */
  readonly shell: string
  /**
   * The command that loads the first of them; null where it takes a new shell. Undefined as written by 0.1, for which it
   * is what the shell says.
   */
  readonly activation: string | null | undefined
  /** The login shell of the account at that time. */
  readonly accountShell: string | undefined
  /** The file that it is from: as long as that is the same, so is the shell. Undefined where it is from none, or not known. */
  readonly accountsFile: FileMark | undefined
  /** The profile that was named with --rc-file. */
  readonly rcFile: string | undefined
  /** Every start-up file of that shell. */
  readonly files: readonly string[]
  /** The profiles hold the values themselves. */
  readonly isInline: boolean
  /** False for what version 0.1 wrote, which put every block at the end. */
  readonly isPlaced: boolean
}

/** A `.env` file that setup has written the values to. */
export interface DotenvTarget {
  /** Where it really is, links followed. */
  readonly file: string
  /** What it was asked to hold. */
  readonly variables: readonly Variable[]
  /** The resources whose values have been written to it, or were about to be, the latest last. */
  readonly endpoints: readonly string[]
  /** It was made for the values. */
  readonly created: boolean
  /** Its last line had no line ending before. */
  readonly addedNewline: boolean
  /** The permission bits that it had before it was made private; undefined where they were left as they were. */
  readonly mode: number | undefined
  /** Git would commit it, or could not tell, and the user wanted it nevertheless. */
  readonly forced: boolean
}

/** What is remembered between runs. No secret is in it. */
export interface State {
  readonly issued: Issued
  /** Undefined as long as the service takes the stored token, as far as is known here. */
  readonly invalidated: Invalidated | undefined
  /** What setup was asked to store; empty where it was asked for `.env` files alone. */
  readonly variables: readonly Variable[]
  /** Undefined on Windows, and where nothing is stored. */
  readonly startup: StartupRecord | undefined
  /** What new shells had when they were looked at last. */
  readonly seen: Seen | undefined
  /** Further places of the values, or the only ones. */
  readonly dotenv: readonly DotenvTarget[]
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

/** What is remembered where nothing is. */
export const NO_STATE: State = {
  issued: {},
  invalidated: undefined,
  variables: DEFAULT_VARIABLES,
  startup: undefined,
  seen: undefined,
  dotenv: [],
  createdDirectories: [],
  name: undefined,
  identities: [],
}
