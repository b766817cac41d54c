import { serviceOptions } from '../credentials/service-options.ts'
import { CancelledError, CliError, UsageError } from '../errors.ts'
import { issueToken } from '../service/operations.ts'
import { changeStore } from '../store/change/transaction.ts'
import type { Place, ToCome } from '../store/plan.ts'
import type { Activation, Store } from '../store/store.ts'
import { describeStoredToken, digestOf, missingToken, storedEndpoint, type StoredToken } from '../store/stored-token.ts'
import type { Issued, Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import { DEFAULT_LIFETIME_MINUTES } from '../values/lifetime.ts'
import type { Scope } from '../values/scopes.ts'

/** What the user wants to be different; what is undefined stays as it is. */
export interface RenewalWish {
  readonly userId?: string | undefined
  readonly scopes?: readonly Scope[] | undefined
  readonly lifetimeMinutes?: number | undefined
}

/** What came of it: the token that is stored now, and what was written where it is a new one. */
export type Renewal =
  | { readonly kind: 'kept'; readonly stored: StoredToken }
  | {
      readonly kind: 'renewed'
      readonly stored: StoredToken
      readonly places: readonly Place[]
      readonly activation: Activation
    }

/**
 * Puts a new token in the place of the stored one: same identity and scopes, unless the wish says otherwise. A run that
 * had to wait for another, or began before that one stored its token, takes that token. Where issuing fails, the stored
 * token stays.
 */
export async function renewStoredToken(
  store: Store,
  before: StoredToken,
  connectionString: ConnectionString,
  wish: RenewalWish,
  { system, reporter }: Pick<Surroundings, 'system' | 'reporter'>,
): Promise<Renewal> {
  const onWait = (): void => reporter.detail('Another acs-env is at work; waiting for it.')
  // Before the lock, which is a file too.
  await planDraft(store, await store.find())
  const changed = await changeStore<'renew' | 'remove', StoredToken>(
    store,
    system,
    onWait,
    async (found, { waited, signal }) => {
      const current = describeStoredToken(found) ?? missingToken()
      const isNew = !current.token.equals(before.token)
      const isFresh = (waited && isNew) || isRenewedMeanwhile(system, found, current)
      if (isFresh && fulfils(wish, current, found)) return { kind: 'keep', result: current }
      const { userId, scopes } = decideRenewal(found, current, connectionString, wish)
      // No token is asked for that could not be stored.
      await planDraft(store, found)
      const lifetimeMinutes = wish.lifetimeMinutes ?? found.state.issued.lifetimeMinutes ?? DEFAULT_LIFETIME_MINUTES
      const token = await reporter.during(`Asking ${connectionString.host} for a token`, () =>
        issueToken(connectionString, { userId, scopes, lifetimeMinutes }, serviceOptions({ system, reporter }, signal)),
      )
      if (signal.aborted) throw new CancelledError()
      const issued: Issued = {
        endpoint: connectionString.endpoint,
        userId: token.userId,
        scopes,
        lifetimeMinutes,
        expiresOn: token.expiresOn.toISOString(),
        tokenDigest: digestOf(token.token),
        renewedAt: system.now().toISOString(),
      }
      return { kind: 'change', change: { kind: 'renew', accessToken: token.token, issued }, result: current }
    },
  )
  if (changed.kind === 'kept') return { kind: 'kept', stored: changed.result }
  const { plan, applied } = changed
  for (const note of plan.notes) reporter.note(note)
  const stored = describeStoredToken(changed.stored) ?? missingToken()
  return { kind: 'renewed', stored, places: plan.places, activation: applied.activation }
}

/** Throws where a new token could not be stored. */
async function planDraft(store: Store, { state: { issued } }: Stored): Promise<void> {
  await store.plan<ToCome>({ kind: 'renew', accessToken: 'to-come', issued })
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
function isRenewedMeanwhile(
  { startedAt, now }: System,
  { state: { issued } }: Stored,
  { token }: StoredToken,
): boolean {
  if (issued.renewedAt === undefined || issued.tokenDigest !== digestOf(token)) return false
  const renewedAt = Date.parse(issued.renewedAt)
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
    (lifetimeMinutes === undefined || lifetimeMinutes === state.issued.lifetimeMinutes)
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
