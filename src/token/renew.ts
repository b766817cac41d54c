import type { CommandContext } from '../commands/context.ts'
import { serviceOptions } from '../credentials/service-options.ts'
import { CancelledError, CliError, readBackError, UsageError } from '../errors.ts'
import { withLock } from '../files/change/lock.ts'
import { issueToken } from '../service/operations.ts'
import type { Plan, Platform, Stored } from '../store/store.ts'
import { describeStoredToken, digestOf, missingToken, storedEndpoint, type StoredToken } from '../store/stored-token.ts'
import type { System } from '../system/system.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import { DEFAULT_LIFETIME_MINUTES } from '../values/lifetime.ts'
import type { Scope } from '../values/scopes.ts'

/** What the user wants to be different; what is undefined stays as it is. */
export interface RenewalWish {
  readonly userId?: string | undefined
  readonly scopes?: readonly Scope[] | undefined
  readonly lifetimeMinutes?: number | undefined
}

export interface Renewal {
  readonly stored: StoredToken
  readonly renewed: boolean
  /** What was written; undefined where another run had just done it. */
  readonly plan: Plan | undefined
}

/**
 * Puts a new token in the place of the stored one: same identity and scopes, unless the wish says otherwise. A run that
 * had to wait for another, or began before that one stored its token, takes that token. Where issuing fails, the stored
 * token stays.
 */
export function renewStoredToken(
  platform: Platform,
  before: StoredToken,
  connectionString: ConnectionString,
  wish: RenewalWish,
  context: CommandContext,
): Promise<Renewal> {
  const { system, reporter } = context
  const onWait = (): void => reporter.detail('Another acs-env is at work; waiting for it.')
  return system.interruptible((signal) =>
    withLock(platform.directory, system, { signal, onWait }, async ({ waited }): Promise<Renewal> => {
      const found = await platform.find()
      const current = describeStoredToken(found) ?? missingToken()
      const isNew = !current.token.equals(before.token)
      const isFresh = (waited && isNew) || isRenewedMeanwhile(system, found, current)
      if (isFresh && fulfils(wish, current, found)) {
        return { stored: current, renewed: false, plan: undefined }
      }
      const { userId, scopes } = decideRenewal(found, current, connectionString, wish)
      const lifetimeMinutes = wish.lifetimeMinutes ?? found.state.lifetimeMinutes ?? DEFAULT_LIFETIME_MINUTES
      const issued = await reporter.during(`Asking ${connectionString.host} for a token`, () =>
        issueToken(connectionString, { userId, scopes, lifetimeMinutes }, serviceOptions(context, signal)),
      )
      if (signal.aborted) throw new CancelledError()
      const plan = await platform.planRenewal(issued.token, {
        endpoint: connectionString.endpoint,
        userId: issued.userId,
        scopes,
        lifetimeMinutes,
        expiresOn: issued.expiresOn.toISOString(),
        tokenDigest: digestOf(issued.token),
        renewedAt: system.now().toISOString(),
      })
      await platform.apply(plan)
      for (const note of plan.notes) reporter.note(note)
      const stored = describeStoredToken(await platform.find())
      if (stored === undefined || !stored.token.equals(issued.token))
        throw readBackError('The stored token is not the one that was written.')
      return { stored, renewed: true, plan }
    }),
  )
}

/** For whom and what the new token is to be. Throws where that cannot be told, or would not fit what is stored. */
export function decideRenewal(
  found: Stored,
  current: StoredToken,
  connectionString: ConnectionString,
  wish: RenewalWish,
): { readonly userId: string; readonly scopes: readonly Scope[] } {
  requireSameResource(connectionString, found)
  return requireKnown(current, wish)
}

/** Another run stored this very token after we began: both were started for the same purpose. */
function isRenewedMeanwhile({ startedAt, now }: System, { state }: Stored, { token }: StoredToken): boolean {
  if (state.renewedAt === undefined || state.tokenDigest !== digestOf(token)) return false
  const renewedAt = Date.parse(state.renewedAt)
  // In time to come: the clock was wrong then, or is now, and nothing was done meanwhile.
  return renewedAt > startedAt.getTime() && renewedAt <= now().getTime()
}

/** A token of one resource beside the key of another would fail wherever both are used. */
function requireSameResource({ endpoint, host }: ConnectionString, found: Stored): void {
  const stored = storedEndpoint(found)
  if (stored === undefined || stored === endpoint) return
  throw new CliError(`The stored token is not one of ${host}.`, {
    code: 'other_resource',
    hint: 'to change the resource, run "acs-env setup" with its connection string',
  })
}

/** Whether the token that another run has issued is what this one was to issue. */
function fulfils({ userId, scopes, lifetimeMinutes }: RenewalWish, current: StoredToken, { state }: Stored): boolean {
  return (
    (userId === undefined || userId === current.userId) &&
    (scopes === undefined || scopes.join() === current.scopes?.join()) &&
    (lifetimeMinutes === undefined || lifetimeMinutes === state.lifetimeMinutes)
  )
}

function requireKnown(current: StoredToken, wish: RenewalWish): { userId: string; scopes: readonly Scope[] } {
  const userId = wish.userId ?? current.userId
  const scopes = wish.scopes ?? current.scopes
  if (userId !== undefined && scopes !== undefined) return { userId, scopes }
  const missing = [userId === undefined && '--user', scopes === undefined && '--scope'].filter((name) => name !== false)
  throw new UsageError('Whose the stored token is, or what for, cannot be read from it any more.', {
    code: 'unknown_token',
    hint: `give ${missing.join(' and ')}`,
  })
}
