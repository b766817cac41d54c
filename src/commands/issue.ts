import { askService, credentialToUse } from '../credentials/ask-service.ts'
import { UsageError } from '../errors.ts'
import { SCOPES } from '../scope-names.ts'
import { issueToken } from '../service/operations.ts'
import { formatDuration } from '../text/duration.ts'
import { formatMoment } from '../text/time.ts'
import { parseIdentityId } from '../values/identity-id.ts'
import { DEFAULT_LIFETIME_MINUTES, parseLifetimeMinutes } from '../values/lifetime.ts'
import { parseScopes } from '../values/scopes.ts'
import type { CommandContext } from './context.ts'

/** `acs-env issue`: an access token on standard output; nothing is stored. */
export async function run(context: CommandContext<'issue'>): Promise<void> {
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
  const credential = await credentialToUse(context)
  const { host } = credential

  if (options.dryRun) {
    const document = {
      dry_run: true,
      endpoint: credential.endpoint,
      user_id: userId ?? null,
      scopes,
      lifetime_minutes: lifetimeMinutes,
    }
    const whom = userId ?? 'a new identity'
    const text = `Would ask ${host} for a token for ${whom} (${scopes.join(', ')}; for ${formatDuration(lifetimeMinutes * 60_000)}).`
    return terminal.answer(`${options.json ? JSON.stringify(document) : text}\n`)
  }
  const issued = await askService(credential, context, (source, serviceOptions) =>
    issueToken(source, { userId, scopes, lifetimeMinutes }, serviceOptions),
  )
  const document = {
    expires_on: issued.expiresOn.toISOString(),
    token: issued.token.reveal(),
    user_id: issued.userId,
  }
  await terminal.answer(`${options.json ? JSON.stringify(document) : document.token}\n`)
  if (!options.json) reporter.note(`for ${issued.userId}, until ${formatMoment(issued.expiresOn, system.now())}`)
}
