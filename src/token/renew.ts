import { serviceOptions } from '../credentials/service-options.ts'
import { attempt, CancelledError, CliError, RefusedError, UsageError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import { isForeignIdentity } from '../service/explain.ts'
import { issueToken } from '../service/operations.ts'
import { changeStore } from '../store/change/transaction.ts'
import type { Place, ToCome } from '../store/plan.ts'
import type { Activation, KeptChange, Store } from '../store/store.ts'
import {
  describeStoredToken,
  digestOf,
  isDeletedIdentity,
  missingToken,
  storedEndpoint,
  type StoredToken,
} from '../store/stored-token.ts'
import type { Issued, Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { Credential } from '../values/credential.ts'
import { DEFAULT_LIFETIME_MINUTES } from '../values/lifetime.ts'
import type { Scope } from '../values/scopes.ts'
import { goneIdentity, isGone, noteEnd } from './end.ts'

/** What the user wants to be different; what is undefined stays as it is. */
export interface RenewalWish {
  readonly userId?: string | undefined
  readonly scopes?: readonly Scope[] | undefined
  readonly lifetimeMinutes?: number | undefined
}

/** The outcome: the token that is stored now, and what was written where it is a new one. */
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
  credential: Credential,
  wish: RenewalWish,
  { system, reporter }: Pick<Surroundings, 'system' | 'reporter'>,
): Promise<Renewal> {
  const onWait = (): void => reporter.detail('Another acs-env is at work; waiting for it.')
  const renewed = await attempt(() =>
    changeStore<KeptChange, StoredToken>(store, system, onWait, async (found, { waited, signal }) => {
      const current = describeStoredToken(found) ?? missingToken()
      const isNew = !current.token.equals(before.token)
      const isFresh =
        current.invalidated === undefined && ((waited && isNew) || isRenewedMeanwhile(system, found, current))
      if (isFresh && fulfils(wish, current, found)) return { kind: 'keep', result: current }
      decideRenewal(found, current, credential, wish)
      // No token is asked for that could not be stored.
      await requireStorable(store, found)
      const { accessToken, issued } = await issueAgain(found, current, credential, wish, { system, reporter }, signal)
      return { kind: 'change', change: { kind: 'renew', accessToken, issued }, result: current }
    }),
  )
  if (renewed.kind === 'failed') throw await afterRefusal(renewed.error, { store, before, credential, wish, system })
  const changed = renewed.value
  if (changed.kind === 'kept') return { kind: 'kept', stored: changed.result }
  const { plan, applied } = changed
  for (const warning of [...plan.warnings, ...applied.warnings]) reporter.warn(warning)
  for (const note of plan.notes) reporter.note(note)
  const stored = describeStoredToken(changed.stored) ?? missingToken()
  return { kind: 'renewed', stored, places: plan.places, activation: applied.activation }
}

/** A token in the place of the stored one, and what to remember of it. Throws where it would not fit what is stored. */
export async function issueAgain(
  found: Stored,
  current: StoredToken,
  credential: Credential,
  wish: RenewalWish,
  { system, reporter }: Pick<Surroundings, 'system' | 'reporter'>,
  signal: AbortSignal,
): Promise<{ readonly accessToken: Secret; readonly issued: Issued }> {
  const { userId, scopes } = decideRenewal(found, current, credential, wish)
  const lifetimeMinutes = wish.lifetimeMinutes ?? found.state.issued.lifetimeMinutes ?? DEFAULT_LIFETIME_MINUTES
  const token = await reporter.during(`Asking ${credential.host} for a token`, () =>
    issueToken(credential, { userId, scopes, lifetimeMinutes }, serviceOptions({ system, reporter }, signal)),
  )
  if (signal.aborted) throw new CancelledError()
  const issued: Issued = {
    endpoint: credential.endpoint,
    userId: token.userId,
    scopes,
    lifetimeMinutes,
    expiresOn: token.expiresOn.toISOString(),
    tokenDigest: digestOf(token.token),
    renewedAt: system.now().toISOString(),
    source: found.state.issued.source,
  }
  return { accessToken: token.token, issued }
}

/**
 * Throws where a new token could not be stored. To be called before the lock is taken, which is a file too, and again
 * while it is held.
 */
export async function requireStorable(store: Store, { state: { issued } }: Stored): Promise<void> {
  await store.plan<ToCome>({ kind: 'renew', accessToken: 'to-come', issued })
}

/** The identity and the scopes of the new token. Throws where they are not known, or do not fit what is stored. */
export function decideRenewal(
  found: Stored,
  current: StoredToken,
  credential: Credential,
  wish: RenewalWish,
): { readonly userId: string; readonly scopes: readonly Scope[] } {
  requireSameResource(credential, found)
  const known = requireKnown(current, wish)
  // Asked so soon, the service might still issue a token for it.
  if (isDeletedIdentity(found.state, known.userId)) throw goneIdentity(known.userId, credential)
  return known
}

interface Refused {
  readonly store: Store
  readonly before: StoredToken
  readonly credential: Credential
  readonly wish: RenewalWish
  readonly system: System
}

/** The error to show. Where the stored identity is gone that is remembered: no token of it is good any more. */
async function afterRefusal(
  error: CliError,
  { store, before: { userId }, credential, wish, system }: Refused,
): Promise<CliError> {
  if (!isForeignIdentity(error) || userId === undefined || (wish.userId ?? userId) !== userId) return error
  const { message, code } = error
  if (!isGone(error, await store.find(), { userId, credential })) {
    return new RefusedError(message, { code, hint: '"acs-env setup --new-user" makes a new identity' })
  }
  await noteEnd(store, { reason: 'deleted', userId }, system)
  return goneIdentity(userId, credential)
}

/** Another run stored this very token after we began: both were started for the same purpose. */
function isRenewedMeanwhile(
  { startedAt, now }: System,
  { state: { issued } }: Stored,
  { token }: StoredToken,
): boolean {
  if (issued.renewedAt === undefined || issued.tokenDigest !== digestOf(token)) return false
  const renewedAt = Date.parse(issued.renewedAt)
  // If it is in the future, the clock was wrong then, or is now, and nothing was done meanwhile.
  return renewedAt > startedAt.getTime() && renewedAt <= now().getTime()
}

/** A token of one resource beside the key of another would fail wherever both are used. */
function requireSameResource({ endpoint, host }: Credential, found: Stored): void {
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
