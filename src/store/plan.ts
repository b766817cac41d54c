import type { FileState } from '../files/read.ts'
import { Secret } from '../secret.ts'
import type { Seen } from './seen.ts'
import type { Invalidated, Issued, State, Stored, ValueKind, Variable } from './stored.ts'

/** Stands for a token that has still to be issued, in a plan that is made to be shown. */
export type ToCome = 'to-come'

/** What to store. A value that is undefined will be absent afterwards. */
export interface StoreRequest<Missing extends ToCome = never> {
  readonly connectionString: Secret | undefined
  readonly accessToken: Secret | Missing | undefined
  readonly variables: readonly Variable[]
  /** What was remembered before. */
  readonly earlier: State
  readonly issued: Issued
  readonly createdDirectories: readonly string[]
  /** The stored token belongs to another resource than the connection string that will be stored. */
  readonly otherResource: boolean
  /** What else to remember; what new shells had, as long as no profile changes. */
  readonly remembered: Pick<State, 'name' | 'identities' | 'invalidated' | 'seen'>
  /** Undefined where the same resource stays the current one, or is replaced. */
  readonly switch: Switch | undefined
}

/** A change of which of several resources is the current one. */
export interface Switch {
  /** The name of the one that becomes the current one. */
  readonly to: string
  /** The one that was the current one, and is parked; undefined where there was none. */
  readonly from: { readonly name: string; readonly stored: Stored } | undefined
}

/** What a request has for a value. */
export function requestedValue<Missing extends ToCome>(
  { connectionString, accessToken, issued: { endpoint } }: StoreRequest<Missing>,
  kind: ValueKind,
): Secret | Missing | undefined {
  switch (kind) {
    case 'connection-string':
      return connectionString
    case 'access-token':
      return accessToken
    case 'endpoint':
      return endpoint === undefined ? undefined : new Secret(endpoint)
    default:
      return kind satisfies never
  }
}

/** Where in a start-up file the block stands. `behind` is behind the last line that names one of the variables. */
export type Position = 'beginning' | 'behind' | 'end'

/** A change of the store. */
export type Change<Missing extends ToCome = never> =
  | { readonly kind: 'store'; readonly request: StoreRequest<Missing> }
  | { readonly kind: 'renew'; readonly accessToken: Secret | Missing; readonly issued: Issued }
  | { readonly kind: 'remove' }
  /** Remembers that the service does not accept the stored token any more; the values stay. */
  | { readonly kind: 'invalidate'; readonly invalidated: Invalidated }
  /** The blocks of these profiles move; the values stay. */
  | { readonly kind: 'place'; readonly position: Position; readonly profiles: readonly string[] }
  /** Remembers what new shells had. */
  | { readonly kind: 'remember'; readonly seen: Seen }

/** How a step is shown to people; without a secret. The tool's own housekeeping is not shown. */
export type Shown =
  | { readonly kind: 'housekeeping' }
  /** `summary` in a few words, and `lines` with `+` or `-` in front. */
  | { readonly kind: 'shown'; readonly summary: string; readonly lines: readonly string[] }

/** A string in the registry; where it expands (REG_EXPAND_SZ) a new process gets `%NAME%` replaced. */
export interface RegistryString {
  readonly text: string
  readonly expands: boolean
}

/** One step of a plan. What it holds `before` is what has to be there, and what comes back if a later step fails. */
export type Step<Missing extends ToCome = never> =
  | {
      readonly kind: 'write'
      /** As the user knows it; `file.path` is where it really is. */
      readonly path: string
      readonly file: FileState
      readonly contents: Buffer | Missing
      /** Undefined: the one it has, or for a new file what the umask leaves. */
      readonly mode: number | undefined
      readonly shown: Shown
    }
  | {
      readonly kind: 'remove'
      readonly path: string
      readonly file: FileState
      /**
       * The target of the link at `path`, as it is written in it, if the link is removed and not the file behind it.
       */
      readonly link: string | undefined
      readonly shown: Shown
    }
  /** For a file that a later step writes into it. */
  | { readonly kind: 'make-directory'; readonly path: string; readonly shown: Shown }
  /** Goes if it is empty by then. */
  | { readonly kind: 'remove-directory'; readonly path: string; readonly shown: Shown }
  | {
      readonly kind: 'set-variable'
      readonly name: string
      readonly before: RegistryString | undefined
      readonly after: Secret | Missing
      readonly expands: boolean
      readonly shown: Shown
    }
  | { readonly kind: 'delete-variable'; readonly name: string; readonly before: RegistryString; readonly shown: Shown }

/** Where a variable's value is: a file, or the registry key. */
export interface Place {
  readonly name: string
  readonly where: string
}

/** What would be done, as data. One in which nothing is missing can be performed; a draft is only shown. */
export interface Plan<Missing extends ToCome = never> {
  readonly steps: readonly Step<Missing>[]
  /** Where each variable's value will be or, if it is removed, where it was. */
  readonly places: readonly Place[]
  /** What the user should know although it stops nothing. */
  readonly warnings: readonly string[]
  /** What was done that the user might not expect, such as a line that is taken over. */
  readonly notes: readonly string[]
}
