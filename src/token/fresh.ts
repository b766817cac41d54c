import type { CommandContext } from '../commands/context.ts'
import { CancelledError, CliError } from '../errors.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import type { Stored } from '../store/store.ts'
import { describeStoredToken, expiresWithin, missingToken, type StoredToken } from '../store/stored-token.ts'
import { formatDuration } from '../text/duration.ts'
import type { ConnectionString } from '../values/connection-string.ts'

/** Less than this is too little to start anything with. */
const LITTLE_LEFT_MS = 10 * 60_000

/**
 * The stored token, renewed in place if little is left of it. Where that fails and it is still good, it is used as it is
 * and a warning says so.
 *
 * @param obtain the connection string to renew it with; asked only then
 */
export async function freshToken(
  found: Stored,
  obtain: () => Promise<ConnectionString>,
  context: CommandContext,
): Promise<StoredToken> {
  const { options, system, reporter } = context
  const before = describeStoredToken(found) ?? missingToken()
  if (options.dryRun || !expiresWithin(before, LITTLE_LEFT_MS, system.now())) return before
  try {
    const { renewStoredToken } = await import('./renew.ts')
    const connectionString = await obtain()
    const platform = await resolvePlatform(system, { remembered: true, changes: 'stores' })
    return await system.interruptible(async (signal) => {
      const { stored } = await renewStoredToken(platform, before, connectionString, {}, context)
      // It came when there was no way back any more.
      if (signal.aborted) throw new CancelledError('the token is renewed')
      return stored
    })
  } catch (error) {
    const leftMs = (before.expiresOn?.getTime() ?? 0) - system.now().getTime()
    // Whoever says stop wants neither the token nor the command.
    if (!(error instanceof CliError) || error instanceof CancelledError || leftMs <= 0) throw error
    reporter.warn(`the token is good for ${formatDuration(leftMs)} more and could not be renewed: ${error.message}`)
    return before
  }
}
