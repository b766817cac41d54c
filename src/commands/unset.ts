import { existsSync } from 'node:fs'
import { requireCompatible } from '../args/compatible.ts'
import { findCredential, noConnectionString } from '../credentials/obtain.ts'
import { serviceOptions } from '../credentials/service-options.ts'
import { attempt, CancelledError, CliError, RefusedError, UsageError } from '../errors.ts'
import { removeEmptyDirectories } from '../files/change/directory.ts'
import { withoutStoredVariable } from '../platforms/look-for-stored.ts'
import { openDotenvFile, openStore } from '../platforms/resolve.ts'
import { scheduleDirectory } from '../schedule/directory.ts'
import { deleteUser, revokeTokens } from '../service/operations.ts'
import { changeStore } from '../store/change/transaction.ts'
import type { Plan } from '../store/plan.ts'
import { hasResourcesFolder } from '../store/resources.ts'
import type { Description, KeptChange, Store } from '../store/store.ts'
import { identityEndpoint, storedEndpoint, storedIdentity } from '../store/stored-token.ts'
import type { Invalidated, Stored } from '../store/stored.ts'
import { printable } from '../text/printable.ts'
import { isGone, noteEnd, noteEndOfAll } from '../token/end.ts'
import { confirmDestruction } from '../ui/confirm.ts'
import { planDocument, renderPlan, renderPlanBriefly } from '../ui/plan-text.ts'
import type { Credential } from '../values/credential.ts'
import type { CommandContext } from './context.ts'

type Context = CommandContext<'unset'>

/** What the service is to do to the stored identity, if anything. */
type Request = { readonly kind: 'nothing' } | { readonly kind: 'revoke' | 'delete'; readonly userId: string }

/** What the service has done. An identity that it does not know was not deleted by this run. */
type ServiceAnswer = 'not-asked' | 'done' | 'no-such-identity'

/** What is known of the service by now, also where the run fails. */
interface Service {
  answer: ServiceAnswer
  /** What has become of the stored token. */
  end: Invalidated['reason'] | undefined
}

const DONE = { revoke: 'tokens are revoked', delete: 'identity is deleted' } as const

/** `acs-env unset`: every file as it was before setup; on request the service forgets too. */
export async function run(given: Context): Promise<void> {
  const context = given.options.name === undefined ? given : withoutStoredVariable(given)
  const { options, system, terminal, reporter, program } = context
  const { store, hasOwnSchedule, keeps } = await chooseScope(context)
  const before = await store.find()
  const draft = await store.plan<never>({ kind: 'remove' })
  const request = readRequest(context, storedIdentity(before))
  const scheduled = hasOwnSchedule && (await hasAnythingOfJob(store.directory))
  const hasNothing = !scheduled && draft.steps.length === 0 && request.kind === 'nothing'
  const isOver = hasNothing && !existsSync(store.directory)
  if (isOver || options.dryRun) for (const warning of draft.warnings) reporter.warn(warning)
  if (options.dryRun) return terminal.answer(renderDryRun(draft, store, request, scheduled, context))
  if (isOver) return report(draft, request, 'not-asked', context)
  if (!hasNothing) await confirm(draft, store.describe(), request, context)

  const isUnscheduled = scheduled && (await unschedule(store.directory, context))
  const service: Service = { answer: 'not-asked', end: undefined }
  let isRemoved = false
  const onWait = (): void => reporter.note('another acs-env is at work; waiting for it.')
  try {
    const changed = await changeStore<KeptChange, undefined>(store, system, onWait, async (found, { signal }) => {
      // Another run may have stored something else while this one was asking or waiting.
      if (request.kind !== 'nothing') {
        if (storedIdentity(found) !== request.userId) throw changedMeanwhile()
        service.answer = await askOf(request, found, service, context, signal)
      }
      // What the service has done cannot be taken back, so the values are removed then, even after Ctrl+C.
      if (signal.aborted && service.answer === 'not-asked') throw new CancelledError()
      return { kind: 'change', change: { kind: 'remove' }, result: undefined }
    })
    if (changed.kind === 'kept') throw new Error('unset always removes.')
    isRemoved = true
    const { plan, applied } = changed
    for (const warning of [...plan.warnings, ...applied.warnings]) reporter.warn(warning)
    if (applied.activation.kind === 'instruction' && applied.activation.otherwise !== undefined) {
      reporter.note(`if new consoles have the old values, ${applied.activation.otherwise}.`)
    }
    await report(plan, request, service.answer, context, isUnscheduled)
    if (keeps.length > 0) reporter.note(keptText(keeps, hasOwnSchedule, program))
  } finally {
    if (service.answer === 'done' && !isRemoved && request.kind !== 'nothing') {
      reporter.warn(`the ${DONE[request.kind]} already, and what is stored could not be removed.`)
    }
    if (service.end !== undefined && !isRemoved && request.kind !== 'nothing') {
      await noteEnd(store, { reason: service.end, userId: request.userId }, system)
    }
    if (service.end !== undefined && keeps.length > 0 && request.kind !== 'nothing') {
      await noteEndOfAll({ reason: service.end, userId: request.userId }, system)
    }
    // Also where reading back failed: the state, which knows of them, is gone by then.
    removeEmptyDirectories([store.directory, ...before.state.createdDirectories])
  }
}

/** What stays stored, and how new terminals get it where they have nothing now. */
function keptText(names: readonly string[], wasCurrent: boolean, program: string): string {
  const [first = ''] = names
  const kept = `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} still stored`
  return wasCurrent ? `${kept}; "${program} use ${first}" makes ${first} the current one.` : `${kept}.`
}

/** What to remove. */
interface Scope {
  readonly store: Store
  /** The job renews the current resource, and goes with it. */
  readonly hasOwnSchedule: boolean
  /** The names of the resources that stay. */
  readonly keeps: readonly string[]
}

/** One resource, all of them, or what is in a `.env` file. With several resources stored, one has to be named. */
async function chooseScope(context: Context): Promise<Scope> {
  const { options, system } = context
  if (options.dotenv !== undefined) return openFile(options.dotenv, context)
  const main = await openStore(system)
  const mode = options.dryRun ? 'looks' : 'repairs'
  // An identity belongs to one resource.
  requireCompatible(options, 'all', ['name', 'revoke', 'deleteUser'], 'give --name NAME for one at a time')
  const only: Scope = { store: main, hasOwnSchedule: true, keeps: [] }
  if (options.name === undefined && !hasResourcesFolder(main.directory)) return only
  const { openAll, openNamed } = await import('../platforms/resources/named.ts')
  const { withParked } = await import('../platforms/resources/everything.ts')
  const all = await openAll(system, mode)
  if (options.all) return { ...only, store: withParked(main, system) }
  const names = all.map(({ name }) => name)
  if (options.name === undefined && names.length > 1) {
    throw new UsageError(`There are several stored resources: ${names.join(', ')}.`, {
      code: 'several_resources',
      hint: 'give --name NAME for one of them, or --all',
    })
  }
  const [first] = names
  if (options.name === undefined && first === undefined) return only
  const { name, isCurrent, store } = await openNamed(options.name ?? first ?? '', system, mode)
  // With the last one, everything goes.
  if (names.length === 1) return { ...only, store: { ...withParked(main, system), find: store.find } }
  return { store, hasOwnSchedule: isCurrent, keeps: names.filter((other) => other !== name) }
}

/** The file may be the last place where anything is stored. */
async function openFile(file: string, { options, system }: Context): Promise<Scope> {
  const hint = 'leave one of them out; without --dotenv the values go from every place'
  requireCompatible(options, 'dotenv', ['deleteUser', 'revoke', 'name', 'all'], hint)
  const { store, isLast } = await openDotenvFile(file, system)
  return { store, hasOwnSchedule: isLast, keeps: [] }
}

/** Whether there is anything of a job, also where the record of it is lost. */
async function hasAnythingOfJob(storeDirectory: string): Promise<boolean> {
  const directory = scheduleDirectory(storeDirectory)
  if (!existsSync(directory)) return false
  const { hasJobFiles } = await import('../schedule/change/own-directory.ts')
  return hasJobFiles(directory)
}

/**
 * Comes first: a job that runs during the removal would find half of the values. What could not be ended is reported.
 *
 * @returns whether all of it is gone
 */
async function unschedule(storeDirectory: string, { system, reporter }: Context): Promise<boolean> {
  const { removeSchedule } = await import('../schedule/change/remove.ts')
  const removal = await attempt(() => removeSchedule(storeDirectory, { system, reporter }))
  const failures = removal.kind === 'done' ? removal.value.failures : [removal.error]
  for (const { message, hint } of failures) reporter.warn(hint === undefined ? message : `${message} (${hint})`)
  return failures.length === 0
}

function readRequest({ options }: Context, userId: string | undefined): Request {
  if (options.revoke === undefined && options.deleteUser === undefined) return { kind: 'nothing' }
  if (userId === undefined) throw unknownIdentity()
  // Deleting an identity revokes its tokens too.
  return { kind: options.deleteUser ? 'delete' : 'revoke', userId }
}

function renderDryRun(
  draft: Plan,
  store: Pick<Store, 'describe'>,
  request: Request,
  scheduled: boolean,
  { options }: Context,
): string {
  if (options.json) {
    const service = request.kind !== 'nothing' && {
      user_id: request.userId,
      revokes: true,
      deletes_user: request.kind === 'delete',
    }
    return `${JSON.stringify({ ...planDocument(draft), ...service })}\n`
  }
  const ending = scheduled ? 'Would end the renewal in the background.\n' : ''
  const further =
    request.kind === 'nothing'
      ? ''
      : `Would ${request.kind === 'delete' ? `delete ${request.userId} with all its data` : `revoke all tokens of ${request.userId}`}, which cannot be undone.\n`
  return `${renderPlan(draft, store.describe()) || 'Nothing is stored.\n'}${ending}${further}`
}

async function confirm(draft: Plan, description: Description, request: Request, context: Context): Promise<void> {
  const { options, terminal, reporter } = context
  if (request.kind === 'delete') {
    return confirmDestruction(`Delete ${request.userId} with all its data, and remove both variables?`, context)
  }
  if (options.yes || !terminal.canAsk) return
  reporter.show(`This will be removed:\n\n${renderPlanBriefly(draft, description, terminal.width(2))}\n`)
  const { ask } = await import('../ui/prompts.ts')
  const isRevocation = request.kind === 'revoke'
  const message = isRevocation ? `Go ahead, and revoke all tokens of ${request.userId}?` : 'Go ahead?'
  if (!(await ask({ kind: 'confirm', message, initial: !isRevocation }, terminal))) throw new CancelledError()
}

async function askOf(
  { kind, userId }: Exclude<Request, { kind: 'nothing' }>,
  found: Stored,
  service: Service,
  context: Context,
  signal: AbortSignal,
): Promise<Exclude<ServiceAnswer, 'not-asked'>> {
  const { options, reporter } = context
  const credential =
    (await findCredential({ options, first: 'store', stored: found, next: 'works' }, context)) ?? noConnectionString()
  const issuer = identityEndpoint(found, userId)
  requireSameResource(credential, issuer ?? storedEndpoint(found), userId)
  const asked = await reporter.during(`Asking ${credential.host}`, () =>
    attempt(() => (kind === 'delete' ? deleteUser : revokeTokens)(credential, userId, serviceOptions(context, signal))),
  )
  if (asked.kind === 'done') {
    service.end = kind === 'delete' ? 'deleted' : 'revoked'
    return 'done'
  }
  // A resource gives the same answer for a deleted identity and for one of another resource: only one that it is known
  // to have made counts as deleted. To revoke tokens, the identity has to exist.
  if (isGone(asked.error, found, { userId, credential })) service.end = 'deleted'
  if (service.end === undefined) throw asked.error
  if (kind === 'revoke') {
    throw new RefusedError(`${credential.host} has no identity ${userId} any more: it was deleted.`, {
      code: 'identity_not_owned',
      hint: '"acs-env unset" removes what is stored here',
    })
  }
  reporter.warn(`${credential.host} has no identity ${userId} any more, so nothing was deleted there.`)
  return 'no-such-identity'
}

function requireSameResource({ endpoint, host }: Credential, stored: string | undefined, userId: string): void {
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
  isUnscheduled = false,
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
  if (plan.steps.length === 0 && request.kind === 'nothing' && !isUnscheduled) {
    const { dotenv } = options
    return reporter.show(
      dotenv === undefined ? 'Nothing is stored.\n' : `Nothing of acs-env is in ${printable(dotenv)}.\n`,
    )
  }
  const service = request.kind === 'nothing' || answer !== 'done' ? '' : ` The ${DONE[request.kind]}.`
  const renewal = isUnscheduled ? ' The renewal in the background has ended.' : ''
  reporter.show(
    `${reporter.style('green', '✓')} Removed.${service}${renewal} Shells that are open keep the old values.\n`,
  )
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
