import type { Secret } from '../secret.ts'
import type { Probe } from '../service/probe.ts'
import type { Description, Inspection } from '../store/store.ts'
import type { Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import type { NewShells } from './new-shells.ts'
import type { RunningProgram } from './processes.ts'

/** A variable that has a stored value. */
export interface StoredVariable {
  readonly name: string
  readonly secret: Secret
  /** Files, or the registry key. */
  readonly storedIn: readonly string[]
  /** When the value was stored, where that is known. */
  readonly storedAt: Date | undefined
}

/** What the checks are about. What takes long is found out once, by the first check that asks. */
export interface Facts {
  readonly system: System
  /** The home directory of this user; undefined where there is none. */
  readonly home: string | undefined
  /** Of our own, with the state in it. */
  readonly directory: string
  readonly description: Description
  /** A path as people know it, safe for a terminal. */
  readonly show: (path: string) => string
  readonly stored: Stored
  readonly inspection: Inspection
  readonly variables: readonly StoredVariable[]
  /** Ends what the checks have begun. */
  readonly signal: AbortSignal
  /** Opens new shells as terminals do. */
  readonly newShells: () => Promise<NewShells>
  /** Speaks to the stored endpoint, without a signature. */
  readonly service: () => Promise<Probe | { readonly kind: 'not-asked'; readonly reason: string }>
  /** The programs that this one was started from, its parent first. Empty where the system does not say. */
  readonly ancestors: () => Promise<readonly RunningProgram[]>
}
