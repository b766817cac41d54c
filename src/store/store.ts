import type { FileState } from '../files/read.ts'
import type { Secret } from '../secret.ts'
import type { Scope } from '../values/scopes.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../values/variable-name.ts'

export type PlatformId = 'windows' | 'macos' | 'linux'

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

/** What is remembered between runs. No secret is in it. */
export interface State {
  readonly endpoint?: string | undefined
  readonly userId?: string | undefined
  readonly scopes?: readonly Scope[] | undefined
  readonly lifetimeMinutes?: number | undefined
  /** ISO 8601, UTC. */
  readonly expiresOn?: string | undefined
  /** SHA-256 of the token that `expiresOn` and `userId` were said of. */
  readonly tokenDigest?: string | undefined
  /** What setup was asked to store. */
  readonly variables?: readonly Variable[] | undefined
  /** The profiles that were written to, the one to load first, and the shell they belong to. */
  readonly profiles?: readonly string[] | undefined
  readonly shell?: string | undefined
  /** The login shell of the account at that time. */
  readonly accountShell?: string | undefined
  /** The profile that was named with --rc-file. */
  readonly rcFile?: string | undefined
  /** Directories above our own that did not exist, the deepest first. */
  readonly createdDirectories?: readonly string[] | undefined
  /** When the token was stored; ISO 8601, UTC. */
  readonly renewedAt?: string | undefined
}

/** What a command adds to the state; the rest is the store's own. */
export type Remembered = Omit<State, 'variables' | 'profiles' | 'shell' | 'accountShell' | 'rcFile'>

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

/** What is to be stored. A value that is undefined is to be absent afterwards. */
export interface Request {
  readonly connectionString: Secret | undefined
  /** `to-come`: a plan is asked for before the token is issued. */
  readonly accessToken: Secret | 'to-come' | undefined
  readonly variables: readonly Variable[]
  /** What was remembered before, and what is to be remembered after it. */
  readonly earlier: State
  readonly remember: Remembered
  /** The stored token belongs to another resource than the connection string that is to be stored. */
  readonly otherResource: boolean
}

/**
 * One change. Without a secret, `summary` tells it in a few words (a step of the tool's own housekeeping has none),
 * and `preview` line by line with `+` or `-` in front.
 */
export type Step =
  | {
      readonly kind: 'write-file'
      readonly path: string
      readonly state: FileState
      /** Undefined as long as the token is to come. */
      readonly bytes: Buffer | undefined
      readonly mode?: number | undefined
      readonly summary: string
      readonly preview: readonly string[]
    }
  | {
      readonly kind: 'remove-file'
      readonly path: string
      readonly state: FileState
      readonly summary: string
      readonly preview: readonly string[]
    }
  | {
      readonly kind: 'user-variable'
      readonly name: string
      readonly before: Secret | undefined
      readonly after: Secret | undefined
      /** `before` is a value in which Windows replaces `%NAME%`. */
      readonly expands: boolean
      /** The same of `after`. */
      readonly afterExpands?: boolean
      /** The value of `after` has still to be issued. */
      readonly isToCome?: boolean
      readonly summary: string
      readonly preview: readonly string[]
    }

/** What would be done, as data: shown by a dry run, performed by `apply`. */
export interface Plan {
  /** Made while the token is still to come: to be shown, never performed. */
  readonly isDraft: boolean
  readonly steps: readonly Step[]
  /** Where each variable's value will be, or where it was that goes: a file, or the registry key. */
  readonly stored: readonly { readonly name: string; readonly where: string }[]
  /** New shells will not have the values all the same, as the warnings say. */
  readonly isShadowed?: boolean
  /** What the user should know although it stops nothing. */
  readonly warnings: readonly string[]
  /** What was done that the user might not expect, such as a line that is taken over. */
  readonly notes: readonly string[]
}

/** How the variables get into a shell. */
interface Activation {
  /** A command to run in the shell at hand, or an instruction where there is no such command. */
  readonly text: string
  readonly isCommand: boolean
  /** A command that sets the variables in the console at hand, where `text` is an instruction. */
  readonly here?: string | undefined
  /** The profile that was named by the user, of which nobody knows who reads it. */
  readonly profile?: string | undefined
  /** What to do where a new shell has the old values all the same; undefined where it cannot. */
  readonly otherwise?: string | undefined
}

/** How the user wants the values to be stored, where the system leaves a choice. */
export interface PlatformOptions {
  readonly shell?: string | undefined
  readonly rcFile?: string | undefined
  readonly inline?: boolean | undefined
  /** Take shell and profiles as setup left them, whatever shell this runs in: cron's is always sh. */
  readonly remembered?: boolean | undefined
  /** What is stored is going to be changed: throws where that would not be safe. */
  readonly changes?: 'stores' | 'removes' | undefined
}

/** How things stand, for `status`. */
export interface Inspection {
  readonly variables: readonly InspectedVariable[]
  /** What keeps a new shell from having the values, a sentence each. */
  readonly problems: readonly string[]
  /** The same where setup cannot put it right, each with what to do. */
  readonly obstacles?: readonly string[]
}

export interface InspectedVariable extends Variable {
  /** The files, or the registry key, that hold the value. */
  readonly storedIn: readonly string[]
  readonly secret: Secret | undefined
}

/** Where a system keeps environment variables. */
export interface Platform {
  readonly id: PlatformId
  /** A private directory for the state and the lock. */
  readonly directory: string
  /** What a new shell loads the values from, for people. */
  readonly loadedFrom: readonly string[]
  /** What is stored now. Reads only. */
  find(): Promise<Stored>
  /** What would have to change. Reads only; throws where it could not be done. */
  plan(request: Request): Promise<Plan>
  /** What has to change to store a new token where the old one is. Reads only; no profile is touched that only reads it. */
  planRenewal(accessToken: Secret, remember: Remembered): Promise<Plan>
  /** What has to change for all to be as it was before. Reads only. */
  planRemoval(): Promise<Plan>
  /** What a new shell will see of what was found, and why not. Reads only. */
  inspect(found: Stored): Promise<Inspection>
  /** Performs a plan and reads back what was written. Throws, with everything put back, where that is not the same. */
  apply(plan: Plan): Promise<void>
  /** Read after `apply`: what there is to do depends on who could be told. */
  readonly activation: Activation
  /** What the user should know of this place, such as which side of WSL it is, once these variables are stored. */
  remarks(stored: readonly StoredValue[]): readonly string[]
  /** Starts a new shell for one command, as a terminal would; undefined where there is no such thing. */
  newShell?(command: string): { readonly program: string; readonly args: readonly string[] }
  /** A path as people know it: `~/.zshrc`. */
  show(path: string): string
}

/** What a request has for a value; undefined where it is to be absent, or still to come. */
export function requestedSecret({ connectionString, accessToken }: Request, kind: ValueKind): Secret | undefined {
  if (kind === 'connection-string') return connectionString
  return accessToken === 'to-come' ? undefined : accessToken
}

/** Guards against performing a plan whose token has not been issued. */
export function requireComplete({ isDraft }: Plan): void {
  if (isDraft) throw new Error('A plan that waits for its token cannot be performed.')
}
