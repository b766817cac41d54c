import { resolvePlatform } from '../platforms/resolve.ts'
import type { Plan, Platform } from '../store/store.ts'
import { describeStoredToken, expiresWithin, missingToken } from '../store/stored-token.ts'
import { formatMoment } from '../text/time.ts'
import type { Renewal, RenewalWish } from '../token/renew.ts'
import { renderActivation } from '../ui/activation-text.ts'
import { parseIdentityId } from '../values/identity-id.ts'
import { parseDurationMs, parseLifetimeMinutes } from '../values/lifetime.ts'
import { parseScopes } from '../values/scopes.ts'
import type { CommandContext } from './context.ts'

/** `acs-env refresh`: a new token in the place of the stored one. */
export async function run(context: CommandContext): Promise<void> {
  const { options, system, terminal, reporter } = context
  const wish: RenewalWish = {
    userId: options.user === undefined ? undefined : parseIdentityId(options.user),
    scopes: options.scope === undefined ? undefined : parseScopes(options.scope),
    lifetimeMinutes: options.expiresIn === undefined ? undefined : parseLifetimeMinutes(options.expiresIn),
  }
  const withinMs = options.ifExpiresWithin === undefined ? undefined : parseDurationMs(options.ifExpiresWithin)
  const platform = await resolvePlatform(system, { remembered: true, changes: 'stores' })
  const found = await platform.find()
  const before = describeStoredToken(found) ?? missingToken()
  if (withinMs !== undefined && !expiresWithin(before, withinMs, system.now())) {
    return report({ stored: before, renewed: false, plan: undefined }, platform, context)
  }
  // Loaded when there is something to renew: mostly there is not, and then this has to be quick.
  const [{ obtainConnectionString }, { decideRenewal, renewStoredToken }] = await Promise.all([
    import('../credentials/obtain.ts'),
    import('../token/renew.ts'),
  ])
  const connectionString = await obtainConnectionString(context, ['store', 'environment'], found.connectionString, {
    mayAsk: false,
  })
  if (options.dryRun) {
    const { userId, scopes } = decideRenewal(found, before, connectionString, wish)
    const document = { dry_run: true, user_id: userId, scopes }
    return terminal.answer(options.json ? `${JSON.stringify(document)}\n` : `Would renew the token of ${userId}.\n`)
  }
  const renewal = await renewStoredToken(platform, before, connectionString, wish, context)
  if (!renewal.renewed) reporter.note('another acs-env has just renewed it; its token was taken.')
  return report(renewal, platform, context)
}

async function report(
  { stored, renewed, plan }: Renewal,
  platform: Platform,
  { options, system, terminal, reporter, program }: CommandContext,
): Promise<void> {
  const problems = plan === undefined ? [] : await newShellProblems(platform)
  for (const problem of problems) reporter.warn(problem)
  if (options.json) {
    const document = {
      ...(options.dryRun && { dry_run: true }),
      user_id: stored.userId ?? null,
      scopes: stored.scopes ?? [],
      expires_on: stored.expiresOn?.toISOString() ?? null,
      renewed,
      platform: platform.id,
      stored: plan?.stored ?? (await placesOfToken(platform)),
      activate: platform.activation.text,
    }
    return terminal.answer(`${JSON.stringify(document)}\n`)
  }
  const until = stored.expiresOn === undefined ? '' : `, good until ${formatMoment(stored.expiresOn, system.now())}`
  const stays = `The stored token stays${until}.\n`
  // In a dry run it is the answer.
  if (options.dryRun) return terminal.answer(stays)
  if (!renewed) return reporter.show(stays)
  const next = problems.length > 0 ? '' : renderActivation(platform, program, 'it', reporter.style)
  reporter.show(`${reporter.style('green', '✓')} Renewed for ${stored.userId}${until}.\n${next}`)
}

/** What keeps new shells from having the new token. */
async function newShellProblems(platform: Platform): Promise<readonly string[]> {
  const { problems, obstacles = [] } = await platform.inspect(await platform.find())
  return [...problems, ...obstacles]
}

async function placesOfToken(platform: Platform): Promise<Plan['stored']> {
  const { variables } = await platform.inspect(await platform.find())
  return variables.flatMap(({ name, value, storedIn }) =>
    value === 'access-token' ? storedIn.slice(0, 1).map((where) => ({ name, where })) : [],
  )
}
