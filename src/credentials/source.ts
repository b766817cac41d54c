import type { RememberedSource } from '../store/remembered-source.ts'
import type { Credential } from '../values/credential.ts'

/** A credential, and where to ask for it again; undefined where it cannot be, as what was pasted. */
export type FoundCredential = Credential & { readonly source: RememberedSource | undefined }

/** A credential, and what it came from, in words for messages; undefined where a person has just entered it. */
export type ChosenCredential = FoundCredential & { readonly origin: string | undefined }

/** A place that a credential can come from: a connection string, or a sign-in in place of one. */
export interface Source {
  /** In words for messages: "the stored connection string". */
  readonly words: string
  /** Undefined where it has none. Throws where what it has is no connection string. */
  find(): Promise<FoundCredential | undefined>
}

/** A source that can be looked into without any effect. */
export interface QuietSource extends Source {
  /** Whether it is known to have another one. */
  differsFrom(other: Credential): boolean
}

/** What the command line says about where the credential comes from. */
export interface SourceOptions {
  readonly connectionString?: string
  readonly connectionStringStdin?: true
  readonly connectionStringCommand?: string
  /** A name or an id; true where the only resource is meant, or the user will choose one. */
  readonly fromAz?: string | true
  readonly subscription?: string
  readonly endpoint?: string
  readonly entraTokenCommand?: string
  readonly yes?: true
}
