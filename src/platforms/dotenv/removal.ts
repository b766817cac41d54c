import { Secret } from '../../secret.ts'
import { digestOf, storedEndpoint } from '../../store/stored-token.ts'
import type { DotenvTarget, Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { isMistake, readStoredConnectionString } from '../../values/connection-string.ts'
import { readTokenClaims } from '../../values/token-claims.ts'
import { findPlace } from '../posix/place.ts'
import { planLinesRemoval, type Removal } from './edits.ts'
import { requireSafeMemory } from './guard.ts'
import { readTarget } from './places.ts'
import type { Planning, TargetsPlan } from './targets.ts'

/** What paths are remembered relative to. */
export function homeOf(system: System): string | undefined {
  return system.platform === 'win32' ? undefined : findPlace(system).home
}

/** Takes the values out of these files, the remembered ones. */
export function planTargetsRemoval(
  base: Stored,
  targets: readonly DotenvTarget[],
  { system, show }: Planning,
): TargetsPlan<never> {
  requireSafeMemory(system, 'removes')
  const removals: readonly Removal[] = targets.map((target) =>
    planLinesRemoval(target, judgeOf(base, target), show(target.file), system),
  )
  return {
    steps: removals.flatMap(({ steps }) => steps),
    places: removals.flatMap(({ places }) => places),
    warnings: [],
    notes: removals.flatMap(({ notes }) => notes),
  }
}

/**
 * Judges whether a value in a file is one that acs-env has written: the stored one, or one of a resource whose values it
 * wrote there. What the user has put in its place since stays; a token belongs to the connection string beside it.
 *
 * @param base what is stored elsewhere, and what is remembered
 */
export function judgeOf(base: Stored, target: DotenvTarget): (value: string) => boolean {
  const { connectionString, accessToken } = base
  const { issued } = base.state
  const endpoints = [...target.endpoints, issued.endpoint ?? storedEndpoint(base)]
  const isOurResource = (value: string): boolean => {
    const endpoint = connectionStringEndpoint(value)
    return endpoint !== undefined && endpoints.includes(endpoint)
  }
  const beside = readTarget(target).connectionString
  const isBesideOurs = beside === undefined || isOurResource(beside.reveal()) || beside.equals(connectionString)
  return (value) => {
    const secret = new Secret(value)
    if (secret.equals(connectionString) || secret.equals(accessToken)) return true
    if (digestOf(secret) === issued.tokenDigest || endpoints.includes(value)) return true
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
