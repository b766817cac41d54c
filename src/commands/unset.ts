import { existsSync } from 'node:fs'
import { findConnectionString, noConnectionString } from '../credentials/obtain.ts'
import { serviceOptions } from '../credentials/service-options.ts'
import { attempt, CancelledError, CliError, UsageError } from '../errors.ts'
import { removeEmptyDirectories } from '../files/change/directory.ts'
import { openStore } from '../platforms/resolve.ts'
import { isForeignIdentity } from '../service/explain.ts'
import { deleteUser, revokeTokens } from '../service/operations.ts'
import { changeStore } from '../store/change/transaction.ts'
import type { Plan } from '../store/plan.ts'
import type { Description } from '../store/store.ts'
import { identityEndpoint, storedEndpoint, storedIdentity } from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import { confirmDestruction } from '../ui/confirm.ts'
import { planDocument, renderPlan, renderPlanBriefly } from '../ui/plan-text.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import type { CommandContext } from './context.ts'

type Context = CommandContext<'unset'>

/** What the service is to do to the stored identity, if anything. */
type Request = { readonly kind: 'nothing' } | { readonly kind: 'revoke' | 'delete'; readonly userId: string }

/** What the service has done. An identity that it does not know was not deleted by this run. */
type ServiceAnswer = 'not-asked' | 'done' | 'no-such-identity'

const DONE = { revoke: 'tokens are revoked', delete: 'identity is deleted' } as const

/** `acs-env unset`: every file as it was before setup; on request the service forgets too. */
export async function run(context: Context): Promise<void> {
  const { options, system, terminal, reporter } = context
  const store = await openStore(system)
  const before = await store.find()
  const draft = await store.plan<never>({ kind: 'remove' })
  const request = readRequest(context, storedIdentity(before))
  if (options.dryRun) return terminal.answer(renderDryRun(draft, store.describe(), request, context))
  const hasNothing = draft.steps.length === 0 && request.kind === 'nothing'
  if (hasNothing && !existsSync(store.directory)) return report(draft, request, 'not-asked', context)
  if (!hasNothing) await confirm(draft, store.describe(), request, context)

  const service: { answer: ServiceAnswer } = { answer: 'not-asked' }
  let isRemoved = false
  const onWait = (): void => reporter.note('another acs-env is at work; waiting for it.')
  try {
    const changed = await changeStore<'renew' | 'remove', undefined>(
      store,
      system,
      onWait,
      async (found, { signal }) => {
        // Another run may have stored something else while this one was asking or waiting.
        if (request.kind !== 'nothing') {
          if (storedIdentity(found) !== request.userId) throw changedMeanwhile()
          service.answer = await askOf(request, found, context, signal)
        }
        // What the service has done cannot be taken back: what belongs to it is removed then, also after Ctrl+C.
        if (signal.aborted && service.answer === 'not-asked') throw new CancelledError()
        return { kind: 'change', change: { kind: 'remove' }, result: undefined }
      },
    )
    if (changed.kind === 'kept') throw new Error('unset always removes.')
    isRemoved = true
    const { plan, applied } = changed
    for (const warning of plan.warnings) reporter.warn(warning)
    if (applied.activation.kind === 'instruction' && applied.activation.otherwise !== undefined) {
      reporter.note(`if new consoles have the old values, ${applied.activation.otherwise}.`)
    }
    await report(plan, request, service.answer, context)
  } finally {
    if (service.answer === 'done' && !isRemoved && request.kind !== 'nothing') {
      reporter.warn(`the ${DONE[request.kind]} already, and what is stored could not be removed.`)
    }
    // Also where reading back failed: the state, which knows of them, is gone by then.
    removeEmptyDirectories([store.directory, ...before.state.createdDirectories])
  }
}

function readRequest({ options }: Context, userId: string | undefined): Request {
  if (options.revoke === undefined && options.deleteUser === undefined) return { kind: 'nothing' }
  if (userId === undefined) throw unknownIdentity()
  // Deleting an identity revokes its tokens too.
  return { kind: options.deleteUser ? 'delete' : 'revoke', userId }
}

function renderDryRun(draft: Plan, description: Description, request: Request, { options }: Context): string {
  if (options.json) {
    const service = request.kind !== 'nothing' && {
      user_id: request.userId,
      revokes: true,
      deletes_user: request.kind === 'delete',
    }
    return `${JSON.stringify({ ...planDocument(draft), ...service })}\n`
  }
  const further =
    request.kind === 'nothing'
      ? ''
      : `Would ${request.kind === 'delete' ? `delete ${request.userId} with all its data` : `revoke all tokens of ${request.userId}`}, which cannot be undone.\n`
  return `${renderPlan(draft, description) || 'Nothing is stored.\n'}${further}`
}

async function confirm(draft: Plan, description: Description, request: Request, context: Context): Promise<void> {
  const { options, terminal, reporter } = context
  if (request.kind === 'delete') {
    return confirmDestruction(`Delete ${request.userId} with all its data, and remove both variables?`, context)
  }
  if (options.yes || !terminal.canAsk) return
  reporter.show(`This will be removed:\n\n${renderPlanBriefly(draft, description)}\n`)
  const { ask } = await import('../ui/prompts.ts')
  const isRevocation = request.kind === 'revoke'
  const message = isRevocation ? `Go ahead, and revoke all tokens of ${request.userId}?` : 'Go ahead?'
  if (!(await ask({ kind: 'confirm', message, initial: !isRevocation }, terminal))) throw new CancelledError()
}

async function askOf(
  { kind, userId }: Exclude<Request, { kind: 'nothing' }>,
  found: Stored,
  context: Context,
  signal: AbortSignal,
): Promise<Exclude<ServiceAnswer, 'not-asked'>> {
  const { options, reporter } = context
  const connectionString =
    (await findConnectionString({ options, first: 'store', stored: found.connectionString, next: 'works' }, context)) ??
    noConnectionString()
  const issuer = identityEndpoint(found, userId)
  requireSameResource(connectionString, issuer ?? storedEndpoint(found), userId)
  const asked = await reporter.during(`Asking ${connectionString.host}`, () =>
    attempt(() =>
      (kind === 'delete' ? deleteUser : revokeTokens)(connectionString, userId, serviceOptions(context, signal)),
    ),
  )
  if (asked.kind === 'done') return 'done'
  // A resource says the same of an identity that is gone and of one of another resource: only where it is known to have
  // made it, it is gone. An identity whose tokens are to be revoked has to be there.
  const isGone = kind === 'delete' && isForeignIdentity(asked.error) && issuer === connectionString.endpoint
  if (!isGone) throw asked.error
  reporter.warn(`${connectionString.host} has no identity ${userId} any more, so nothing was deleted there.`)
  return 'no-such-identity'
}

function requireSameResource({ endpoint, host }: ConnectionString, stored: string | undefined, userId: string): void {
  if (stored === undefined || stored === endpoint) return
  throw new CliError(`${userId} is not an identity of ${host}; nothing was removed.`, {
    code: 'other_resource',
    hint: 'give the connection string of its own resource, or run "acs-env unset" to remove only what is stored here',
  })
}

async function report(
  plan: Plan,
  request: Request,
  answer: ServiceAnswer,
  { options, terminal, reporter }: Context,
): Promise<void> {
  for (const note of plan.notes) reporter.note(note)
  if (options.json) {
    const document = {
      removed: plan.places,
      revoked: answer === 'done',
      user_deleted: answer === 'done' && request.kind === 'delete',
    }
    return terminal.answer(`${JSON.stringify(document)}\n`)
  }
  if (plan.steps.length === 0 && request.kind === 'nothing') return reporter.show('Nothing is stored.\n')
  const service = request.kind === 'nothing' || answer !== 'done' ? '' : ` The ${DONE[request.kind]}.`
  reporter.show(`${reporter.style('green', '✓')} Removed.${service} Shells that are open keep the old values.\n`)
}

function changedMeanwhile(): CliError {
  return new CliError('Another identity was stored in the meantime.', { code: 'changed', hint: 'run this again' })
}

function unknownIdentity(): UsageError {
  return new UsageError('No identity is stored.', {
    code: 'nothing_stored',
    hint: 'use "acs-env revoke --user ID" or "acs-env user delete ID"',
  })
}
