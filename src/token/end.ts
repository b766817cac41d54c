import { findStoredTolerantly } from '../credentials/ask-service.ts'
import { serviceOptions } from '../credentials/service-options.ts'
import { attempt, CancelledError, RefusedError, type Attempt, type CliError } from '../errors.ts'
import { openStore } from '../platforms/resolve.ts'
import { isForeignIdentity } from '../service/explain.ts'
import { deleteUser, revokeTokens } from '../service/operations.ts'
import { changeStore } from '../store/change/transaction.ts'
import { hasResourcesFolder } from '../store/resources.ts'
import type { KeptChange, Store } from '../store/store.ts'
import { identityEndpoint, invalidationOf, storedIdentity } from '../store/stored-token.ts'
import type { Invalidated, Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { Credential } from '../values/credential.ts'
import { sameIdentity } from '../values/identity-id.ts'

type Reason = Invalidated['reason']

/** Whose tokens end, and why. */
export interface End {
  readonly reason: Reason
  readonly userId: string
  readonly credential: Credential
}

const OPERATIONS = { revoked: revokeTokens, deleted: deleteUser } as const

/**
 * Has the service revoke the tokens of an identity or delete it, and remembers that where the stored token is one of
 * them. The lock is held meanwhile, so that a token that another run has issued before is not stored after. A store
 * that cannot be written does not prevent revoking.
 *
 * @returns whether the stored token is one of them
 */
export async function endTokens(end: End, surroundings: Surroundings): Promise<boolean> {
  const found = await findStoredTolerantly(surroundings.system)
  const stored = found && identityInQuestion(found, end)
  if (found === undefined || stored === undefined) {
    requireDone(await ask(end, surroundings), end, 'unknown')
    await noteEndOfParked(end, surroundings)
    return false
  }
  // However the id was spelled: the answer of the service is about the stored identity.
  await endTokensOfStored(found, { ...end, userId: stored }, surroundings)
  await noteEndOfParked(end, surroundings)
  return true
}

/** The identity may be that of resources that are not the current one. */
async function noteEndOfParked(end: End, { system }: Surroundings): Promise<void> {
  const main = await attempt(() => openStore(system))
  if (main.kind === 'failed' || !hasResourcesFolder(main.value.directory)) return
  await noteEndOfAll(end, system, ({ isCurrent }) => !isCurrent)
}

/** Remembers it for every stored resource, or those of them: several may have the same identity. */
export async function noteEndOfAll(
  end: Omit<End, 'credential'>,
  system: System,
  isMeant: (resource: { readonly isCurrent: boolean }) => boolean = () => true,
): Promise<void> {
  const { openAll } = await import('../platforms/resources/named.ts')
  const opened = await attempt(() => openAll(system, 'repairs'))
  const meant = opened.kind === 'done' ? opened.value.filter(isMeant) : []
  for (const { store } of meant) await noteEnd(store, end, system)
}

async function endTokensOfStored(found: Stored, end: End, surroundings: Surroundings): Promise<void> {
  const { system, reporter } = surroundings
  const store = await openStore(system)
  const service: { answer?: Attempt<void> } = {}
  const noted = await attempt(() =>
    changeStore<KeptChange, undefined>(
      store,
      system,
      () => reporter.note('another acs-env is at work; waiting for it.'),
      async (current, { signal }) => {
        service.answer = await ask(end, surroundings, signal)
        const reason = reasonAfter(service.answer, end, current)
        const invalidated = reason && invalidationOf(current, reason, end.userId, system.now())
        if (invalidated === undefined) return { kind: 'keep', result: undefined }
        return { kind: 'change', change: { kind: 'invalidate', invalidated }, result: undefined }
      },
    ),
  )
  if (noted.kind === 'failed' && service.answer === undefined && noted.error instanceof CancelledError) {
    throw noted.error
  }
  const answer = service.answer ?? (await ask(end, surroundings))
  if (noted.kind === 'failed' && reasonAfter(answer, end, found) !== undefined) warnNotNoted(noted.error, surroundings)
  requireDone(answer, end, reasonAfter(answer, end, found) === undefined ? 'unknown' : 'gone')
}

/** Remembers that the stored token is useless, as far as the store can be written, and if it is of this identity. */
export async function noteEnd(
  store: Store,
  { reason, userId }: Omit<End, 'credential'>,
  system: System,
): Promise<void> {
  await attempt(() =>
    changeStore<KeptChange, undefined>(
      store,
      system,
      () => undefined,
      async (found) => {
        const invalidated = invalidationOf(found, reason, userId, system.now())
        if (invalidated === undefined) return { kind: 'keep', result: undefined }
        return { kind: 'change', change: { kind: 'invalidate', invalidated }, result: undefined }
      },
    ),
  )
}

/** The error for an identity that the resource made, and does not have any more. */
export function goneIdentity(userId: string, { host }: Credential): RefusedError {
  return new RefusedError(`${host} has no identity ${userId} any more: it was deleted.`, {
    code: 'identity_not_owned',
    hint: '"acs-env setup --new-user" makes a new one',
  })
}

/** Whether a resource denies an identity that it is known to have made: then it was deleted there. */
export function isGone(error: unknown, found: Stored, { userId, credential }: Omit<End, 'reason'>): boolean {
  return isForeignIdentity(error) && identityEndpoint(found, userId) === credential.endpoint
}

/** The stored identity, if it is the one that is meant: another resource knows nothing of it. */
function identityInQuestion(found: Stored, { userId, credential }: End): string | undefined {
  const stored = storedIdentity(found)
  if (stored === undefined || !sameIdentity(stored, userId)) return undefined
  const issuer = identityEndpoint(found, stored)
  return issuer === undefined || issuer === credential.endpoint ? stored : undefined
}

function ask({ reason, userId, credential }: End, surroundings: Surroundings, held?: AbortSignal) {
  const { system, reporter } = surroundings
  const work = (signal: AbortSignal): Promise<Attempt<void>> =>
    reporter.during(`Asking ${credential.host}`, () =>
      attempt(() => OPERATIONS[reason](credential, userId, serviceOptions(surroundings, signal))),
    )
  return held === undefined ? system.interruptible(work) : work(held)
}

/** What has become of the tokens by the service's answer; undefined where they are as they were, or nobody knows. */
function reasonAfter(answer: Attempt<void>, end: End, found: Stored): Reason | undefined {
  if (answer.kind === 'done') return end.reason
  return isGone(answer.error, found, end) ? 'deleted' : undefined
}

function requireDone(answer: Attempt<void>, { userId, credential }: End, identity: 'gone' | 'unknown'): void {
  if (answer.kind === 'done') return
  throw identity === 'gone' ? goneIdentity(userId, credential) : answer.error
}

function warnNotNoted({ message }: CliError, { reporter }: Surroundings): void {
  reporter.warn(`the stored token is of no use any more, which could not be remembered: ${message}`)
}
