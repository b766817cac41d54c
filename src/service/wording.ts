import { CliError, type ErrorDetails } from '../errors.ts'
import type { Environment } from '../system/system.ts'
import { formatDuration } from '../text/duration.ts'
import type { Credential } from '../values/credential.ts'
import type { Proxy, Route } from './proxy.ts'

/** What was asked, how, and where: all that an explanation may speak of. */
export interface FailureContext {
  /** Host name of the service, with the port where it is not the default one. */
  readonly host: string
  /** This machine, as for an emulator. */
  readonly isLocal: boolean
  readonly route: Route
  readonly env: Environment
  readonly now: Date
  /** `22.19.0`. */
  readonly nodeVersion: string
  readonly signsWith: Credential['kind']
}

/** An error outside the command line and the credentials: exit code 1. */
export function outside(message: string, details: ErrorDetails): CliError {
  return new CliError(message, details)
}

/** Never by its address, which may hold a password. */
export function nameProxy({ variable }: Pick<Proxy, 'variable'>): string {
  return `the proxy in ${variable}`
}

/** For the beginning of a sentence; a host begins with its name as it is. */
export function upperFirst(text: string): string {
  return text.replace(/^the /, 'The ')
}

export function waitHint(retryAfterMs: number | undefined): string | undefined {
  return retryAfterMs === undefined ? undefined : `it asks to try again in ${formatDuration(retryAfterMs)}`
}
