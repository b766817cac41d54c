/** What an error needs besides its sentence. */
export interface ErrorDetails {
  /** Stable name for programs, as `--json` prints it. */
  readonly code: string
  /** The next thing to do, as a sentence for the user. */
  readonly hint?: string | undefined
}

/**
 * An expected failure: `message` is one sentence for the user, no stack is printed. Anything thrown that is not a
 * `CliError` is a bug. The exit code that goes with each class is chosen in main.ts.
 */
export class CliError extends Error {
  override readonly name: string = 'CliError'
  readonly code: string
  readonly hint: string | undefined

  constructor(message: string, { code, hint }: ErrorDetails) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

/** What was read back is not what was written; `message` says of what. */
export function readBackError(message: string): CliError {
  return new CliError(message, { code: 'read_back', hint: 'another program may have changed it; run this again' })
}

/** The command line, or a value given on it, is wrong. */
export class UsageError extends CliError {
  override readonly name = 'UsageError'

  constructor(message: string, { code = 'usage', hint }: Partial<ErrorDetails> = {}) {
    super(message, { code, hint })
  }
}

/** The service refused the credentials. */
export class RefusedError extends CliError {
  override readonly name = 'RefusedError'
}

/** A program could not be started in our place. */
export class NotStartedError extends CliError {
  override readonly name = 'NotStartedError'
  readonly isMissing: boolean

  constructor(message: string, { isMissing, hint }: { readonly isMissing: boolean; readonly hint: string }) {
    super(message, { code: isMissing ? 'command_not_found' : 'command_not_runnable', hint })
    this.isMissing = isMissing
  }
}

/** The user said no, or pressed Ctrl+C, Ctrl+D or Esc; `state` says what was changed by then. */
export class CancelledError extends CliError {
  override readonly name = 'CancelledError'

  constructor(state = 'nothing was changed') {
    super(`Cancelled; ${state}.`, { code: 'cancelled' })
  }
}

/**
 * The code of a system error (`ENOENT`, `EACCES`, …), or undefined. Only the code is ever taken from a foreign error:
 * its message may repeat arguments, and those may be secrets.
 */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' && /^[A-Z][A-Z\d_]+$/.test(error.code) ? error.code : undefined
}

/** The outcome of something that may fail for a known reason. */
export type Attempt<Value> =
  | { readonly kind: 'done'; readonly value: Value }
  | { readonly kind: 'failed'; readonly error: CliError }

/**
 * Makes an expected failure a value, for the few places that go on after one: where there is another way, or a token that
 * is still good. A bug is thrown on.
 */
export async function attempt<Value>(work: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { kind: 'done', value: await work() }
  } catch (error) {
    if (error instanceof CliError) return { kind: 'failed', error }
    throw error
  }
}
