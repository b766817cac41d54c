import type { CommandContext } from '../context.ts'
import { CliError, UsageError } from '../errors.ts'
import { issueToken } from '../identity/issuer.ts'
import { parseIdentityId } from '../inputs/identity-id.ts'
import { DEFAULT_LIFETIME_MINUTES, parseLifetimeMinutes } from '../inputs/lifetime.ts'
import { parseScopes, SCOPES } from '../inputs/scopes.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import type { Secret } from '../secret.ts'
import { namesConnectionString, obtainConnectionString } from '../sources/connection-string-source.ts'
import type { System } from '../system/system.ts'
import { formatMoment } from '../text/time.ts'

/** `acs-env issue`: an access token on standard output; nothing is stored. */
export async function run(context: CommandContext): Promise<void> {
  const { options, system, terminal, reporter } = context
  if (options.scope === undefined) {
    throw new UsageError('--scope is missing.', {
      code: 'missing_scope',
      hint: `the scopes are ${SCOPES.join(', ')}; for both services write --scope chat voip`,
    })
  }
  const scopes = parseScopes(options.scope)
  const lifetimeMinutes =
    options.expiresIn === undefined ? DEFAULT_LIFETIME_MINUTES : parseLifetimeMinutes(options.expiresIn)
  const userId = options.user === undefined ? undefined : parseIdentityId(options.user)
  const stored = namesConnectionString(context) ? undefined : await findStoredConnectionString(system)
  const connectionString = await obtainConnectionString(context, ['environment', 'store'], stored)
  const { host } = connectionString

  if (options.dryRun) {
    const document = {
      dry_run: true,
      endpoint: connectionString.endpoint,
      user_id: userId ?? null,
      scopes,
      lifetime_minutes: lifetimeMinutes,
    }
    const whom = userId ?? 'a new identity'
    const text = `Would ask ${host} for a token for ${whom} (${scopes.join(', ')}; ${lifetimeMinutes} minutes).`
    return terminal.answer(`${options.json ? JSON.stringify(document) : text}\n`)
  }
  const issued = await system.interruptible((signal) =>
    reporter.during(`Asking ${host} for a token`, () =>
      issueToken(
        connectionString,
        { userId, scopes, lifetimeMinutes },
        {
          env: system.env,
          signal,
          now: system.now,
          onRetry: (reason) => reporter.detail(`Trying again (${reason}).`),
        },
      ),
    ),
  )
  const document = {
    expires_on: issued.expiresOn.toISOString(),
    token: issued.token.reveal(),
    user_id: issued.userId,
  }
  await terminal.answer(`${options.json ? JSON.stringify(document) : document.token}\n`)
  if (!options.json) reporter.note(`for ${issued.userId}, until ${formatMoment(issued.expiresOn, system.now())}`)
}

/** A store that cannot be read does not keep anyone from issuing: another source may have the connection string. */
async function findStoredConnectionString(system: System): Promise<Secret | undefined> {
  try {
    const platform = await resolvePlatform(system, {})
    return (await platform.find()).connectionString
  } catch (error) {
    if (error instanceof CliError) return undefined
    throw error
  }
}
