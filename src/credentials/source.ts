import type { ConnectionString } from '../values/connection-string.ts'

/** A place that a connection string can come from. */
export interface Source {
  /** In words for messages: "the stored connection string". */
  readonly words: string
  /** Undefined where it has none. Throws where what it has is no connection string. */
  find(): Promise<ConnectionString | undefined>
}

/** A source that can be looked into without any effect. */
export interface QuietSource extends Source {
  /** Whether it has a value, and another one. */
  differsFrom(other: ConnectionString): boolean
}

/** What the command line says about where the connection string comes from. */
export interface SourceOptions {
  readonly connectionString?: string
  readonly connectionStringStdin?: true
  readonly connectionStringCommand?: string
}
