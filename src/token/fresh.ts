import { attempt, CancelledError } from '../errors.ts'
import { isForeignIdentity } from '../service/explain.ts'
import type { Store } from '../store/store.ts'
import {
  clockProblem,
  describeStoredToken,
  expiresWithin,
  missingToken,
  tokenEnd,
  type StoredToken,
} from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import { formatDuration } from '../text/duration.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { Credential } from '../values/credential.ts'

/** Less than this is too little to start anything with. */
const LITTLE_LEFT_MS = 10 * 60_000

/** What a token is renewed with, asked for only then. */
export interface Renewing extends Pick<Surroundings, 'system' | 'reporter'> {
  /** Of the token. */
  readonly store: Store
  readonly options: { readonly dryRun?: true }
  readonly obtain: () => Promise<Credential>
}

/**
 * The stored token, renewed in place if little is left of it. Where that fails and it is still good, it is used as it is
 * and a warning says so.
 */
export async function freshToken(found: Stored, renewing: Renewing): Promise<StoredToken> {
  const { options, system, reporter } = renewing
  const before = describeStoredToken(found) ?? missingToken()
  const clock = clockProblem(before, found, system.now())
  if (clock !== undefined) reporter.warn(clock)
  if (options.dryRun || !expiresWithin(before, LITTLE_LEFT_MS, system.now())) return before
  const renewed = await attempt(() => renew(before, renewing))
  if (renewed.kind === 'done') return renewed.value
  const { error } = renewed
  const leftMs = (before.expiresOn?.getTime() ?? 0) - system.now().getTime()
  // After Ctrl+C neither the token nor the command is wanted; of an identity that is gone no token is good.
  if (error instanceof CancelledError || isForeignIdentity(error) || !isGood(before, system.now())) throw error
  reporter.warn(`the token is good for ${formatDuration(leftMs)} more and could not be renewed: ${error.message}`)
  return before
}

function isGood(token: StoredToken, now: Date): boolean {
  return token.expiresOn !== undefined && tokenEnd(token, now) === undefined
}

async function renew(before: StoredToken, { store, obtain, system, reporter }: Renewing): Promise<StoredToken> {
  const { renewStoredToken, requireStorable } = await import('./renew.ts')
  await requireStorable(store, await store.find())
  const credential = await obtain()
  return system.interruptible(async (signal) => {
    const { stored } = await renewStoredToken(store, before, credential, {}, { system, reporter })
    // Ctrl+C came when the renewal could not be stopped any more.
    if (signal.aborted) throw new CancelledError('the token is renewed')
    return stored
  })
}
