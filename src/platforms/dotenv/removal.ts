import { Secret } from '../../secret.ts'
import { digestOf, storedEndpoint } from '../../store/stored-token.ts'
import type { DotenvTarget, Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { isMistake, readStoredConnectionString } from '../../values/connection-string.ts'
import { sameIdentity } from '../../values/identity-id.ts'
import { readTokenClaims } from '../../values/token-claims.ts'
import { findPlace } from '../posix/place.ts'
import { planLinesRemoval, type Removal } from './edits.ts'
import { requireSafeMemory } from './guard.ts'
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
  const judge = judgeOf(base)
  const removals: readonly Removal[] = targets.map((target) =>
    planLinesRemoval(target, judge, show(target.file), system),
  )
  return {
    steps: removals.flatMap(({ steps }) => steps),
    places: removals.flatMap(({ places }) => places),
    warnings: [],
    notes: removals.flatMap(({ notes }) => notes),
  }
}

/**
 * Judges whether a value is one that acs-env has written: the stored one, or another of the same resource or identity. A
 * value that the user has put in its place since stays.
 *
 * @param base what is stored elsewhere, and what is remembered
 */
export function judgeOf(base: Stored): (name: string, value: string) => boolean {
  const { connectionString, accessToken } = base
  const { issued } = base.state
  const endpoint = issued.endpoint ?? storedEndpoint(base)
  return (_name, value) => {
    const secret = new Secret(value)
    if (secret.equals(connectionString) || secret.equals(accessToken)) return true
    if (digestOf(secret) === issued.tokenDigest || value === endpoint) return true
    const claims = readTokenClaims(value)
    if (claims?.userId !== undefined && sameIdentity(claims.userId, issued.userId)) return true
    return endpoint !== undefined && connectionStringEndpoint(value) === endpoint
  }
}

/** Whether a value has the form that acs-env gives to its own; for a file of which nothing is remembered. */
export function hasOwnForm(_name: string, value: string): boolean {
  return readTokenClaims(value)?.userId !== undefined || connectionStringEndpoint(value) !== undefined
}

function connectionStringEndpoint(value: string): string | undefined {
  const read = readStoredConnectionString(value)
  return isMistake(read) || read.secret.reveal() !== value ? undefined : read.endpoint
}
