import type { FileState } from '../../files/read.ts'
import { Secret } from '../../secret.ts'
import { digestOf, storedEndpoint } from '../../store/stored-token.ts'
import { DEFAULT_VARIABLES, type DotenvTarget, type Stored } from '../../store/stored.ts'
import { isMistake, readStoredConnectionString } from '../../values/connection-string.ts'
import { readTokenClaims } from '../../values/token-claims.ts'
import { readTarget } from './places.ts'
import type { TakenRecord, TakenRecords } from './taken-records.ts'

/** What is known of a file. */
export interface Known {
  /** What is stored elsewhere, and what is remembered. */
  readonly stored: Stored
  /** Undefined for a file that is not remembered. */
  readonly target: DotenvTarget | undefined
  readonly record: TakenRecord | undefined
  /** What is noted of all files. */
  readonly records: TakenRecords
}

/** Judges whether a value in a file is one that acs-env has written there. */
export function isOursIn(file: FileState, { stored, target, record, records }: Known): (value: string) => boolean {
  const isKnown = (value: string): boolean => isStored(value, stored) || isOfStoredIdentity(value, stored)
  if (record !== undefined) return (value) => isWritten(value, record) || isKnown(value)
  if (target !== undefined) {
    const isOurs = judgeOf(stored, target)
    return (value) => isOurs(value) || isOfStoredIdentity(value, stored)
  }
  // A copy of another file with the values has a token of ours in it; any other pair is the user's own.
  const isCopied = (value: string): boolean =>
    isKnown(value) || [...records.values()].some((other) => isWritten(value, other))
  const { accessToken } = readTarget({ file: file.path, variables: DEFAULT_VARIABLES }, file)
  return accessToken !== undefined && isCopied(accessToken.reveal()) ? isCopied : () => false
}

function isWritten(value: string, { written }: TakenRecord): boolean {
  return written.includes(digestOf(new Secret(value)))
}

function isStored(value: string, { connectionString, accessToken, state: { issued } }: Stored): boolean {
  const secret = new Secret(value)
  return secret.equals(connectionString) || secret.equals(accessToken) || digestOf(secret) === issued.tokenDigest
}

function isOfStoredIdentity(token: string, { state: { issued } }: Stored): boolean {
  return issued.userId !== undefined && readTokenClaims(token)?.userId === issued.userId
}

/**
 * Judges whether a value in a file is one that acs-env has written: the stored one, or one of a resource whose values it
 * wrote there. What the user has put in its place since stays; a token belongs to the connection string beside it.
 *
 * @param base what is stored elsewhere, and what is remembered
 */
export function judgeOf(
  base: Stored,
  target: Pick<DotenvTarget, 'file' | 'variables' | 'endpoints'>,
): (value: string) => boolean {
  const {
    connectionString,
    state: { issued },
  } = base
  const endpoints = [...target.endpoints, issued.endpoint ?? storedEndpoint(base)]
  const isOurResource = (value: string): boolean => {
    const endpoint = connectionStringEndpoint(value)
    return endpoint !== undefined && endpoints.includes(endpoint)
  }
  const beside = readTarget(target).connectionString
  const isBesideOurs = beside === undefined || isOurResource(beside.reveal()) || beside.equals(connectionString)
  return (value) => {
    if (isStored(value, base) || endpoints.includes(value)) return true
    return isOurResource(value) || (isBesideOurs && readTokenClaims(value)?.userId !== undefined)
  }
}

/** Whether a value has the form that acs-env gives to its own; for a file that is not remembered. */
export function hasOwnForm(value: string): boolean {
  return readTokenClaims(value)?.userId !== undefined || connectionStringEndpoint(value) !== undefined
}

function connectionStringEndpoint(value: string): string | undefined {
  const read = readStoredConnectionString(value)
  return isMistake(read) || read.secret.reveal() !== value ? undefined : read.endpoint
}
