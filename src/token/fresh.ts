import { attempt, CancelledError } from '../errors.ts'
import { openStore } from '../platforms/resolve.ts'
import { describeStoredToken, expiresWithin, missingToken, type StoredToken } from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import { formatDuration } from '../text/duration.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { ConnectionString } from '../values/connection-string.ts'

/** Less than this is too little to start anything with. */
const LITTLE_LEFT_MS = 10 * 60_000

/** What a token is renewed with, asked for only then. */
export interface Renewing extends Pick<Surroundings, 'system' | 'reporter'> {
  readonly options: { readonly dryRun?: true }
  readonly obtain: () => Promise<ConnectionString>
}

/**
 * The stored token, renewed in place if little is left of it. Where that fails and it is still good, it is used as it is
 * and a warning says so.
 */
export async function freshToken(found: Stored, renewing: Renewing): Promise<StoredToken> {
  const { options, system, reporter } = renewing
  const before = describeStoredToken(found) ?? missingToken()
  if (options.dryRun || !expiresWithin(before, LITTLE_LEFT_MS, system.now())) return before
  const renewed = await attempt(() => renew(before, renewing))
  if (renewed.kind === 'done') return renewed.value
  const { error } = renewed
  const leftMs = (before.expiresOn?.getTime() ?? 0) - system.now().getTime()
  // After Ctrl+C neither the token nor the command is wanted.
  if (error instanceof CancelledError || leftMs <= 0) throw error
  reporter.warn(`the token is good for ${formatDuration(leftMs)} more and could not be renewed: ${error.message}`)
  return before
}

async function renew(before: StoredToken, { obtain, system, reporter }: Renewing): Promise<StoredToken> {
  const { renewStoredToken } = await import('./renew.ts')
  const connectionString = await obtain()
  const store = await openStore(system)
  return system.interruptible(async (signal) => {
    const { stored } = await renewStoredToken(store, before, connectionString, {}, { system, reporter })
    // It came when there was no way back any more.
    if (signal.aborted) throw new CancelledError('the token is renewed')
    return stored
  })
}
