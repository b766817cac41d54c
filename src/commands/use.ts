import { findCredential, noConnectionString } from '../credentials/obtain.ts'
import { attempt, CancelledError, UsageError, type Attempt, type CliError } from '../errors.ts'
import { withoutStoredVariable } from '../platforms/look-for-stored.ts'
import { openStore, prepareStoreAgain } from '../platforms/resolve.ts'
import { listResources, type ListedResource } from '../platforms/resources/list.ts'
import { findNames, requireName, unknownResource, type Names } from '../platforms/resources/named.ts'
import { requestForUse, type RenewedToken } from '../platforms/resources/use-request.ts'
import { findWhole } from '../platforms/resources/whole.ts'
import { changeStore } from '../store/change/transaction.ts'
import type { Change, Place, ToCome } from '../store/plan.ts'
import { currentName, hasCurrent, resourceNames, tryReadParked } from '../store/resources.ts'
import { changedSince } from '../store/seen.ts'
import type { Activation, PreparedStore } from '../store/store.ts'
import { describeStoredToken, nothingStored, storedEndpoint, storedIdentity, tokenEnd } from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import { formatMoment } from '../text/time.ts'
import { issueAgain, renewStoredToken } from '../token/renew.ts'
import { isGithubJob, renderActivation } from '../ui/activation-text.ts'
import type { Credential } from '../values/credential.ts'
import type { CommandContext } from './context.ts'

type Context = CommandContext<'use'>

/** What is current afterwards. */
interface Used {
  readonly name: string
  readonly stored: Stored
  readonly places: readonly Place[]
  /** Undefined where it was the current one before. */
  readonly activation: Activation | undefined
}

/** `acs-env use [NAME]`: another stored resource becomes the one that new shells have. */
export async function run(given: Context): Promise<void> {
  // It does not matter which resource the variable in this shell belongs to.
  const context = withoutStoredVariable(given)
  const { options, operands, system } = context
  const store = await prepareStoreAgain(system)
  // A dry run changes nothing at all.
  if (!options.dryRun) await findWhole(store, await store.find(), system)
  const { found: before, names } = await findNames(store)
  const text = operands[0] ?? (await chooseName(store, before, context))
  if (text === undefined) return
  const name = requireName(text, names, system)
  if (options.dryRun) return answerDryRun(name, store, before, context)
  return report(await change(name, store, context), store, context)
}

/** Asks a person; to a program the answer is the list. @returns undefined where there is nothing more to do */
async function chooseName(
  store: PreparedStore,
  found: Stored,
  { options, system, terminal, reporter, program }: Context,
): Promise<string | undefined> {
  const listed = listResources(store.directory, found)
  if (options.json) {
    const current = listed.find(({ isCurrent }) => isCurrent)?.name ?? null
    const resources = listed.map(({ name, host, expiresOn }) => ({
      name,
      host: host ?? null,
      expires_on: expiresOn?.toISOString() ?? null,
    }))
    await terminal.answer(`${JSON.stringify({ current, resources })}\n`)
    return undefined
  }
  if (listed.length === 0) throw nothingStored()
  const names = listed.map(({ name }) => name).join(', ')
  if (!terminal.canAsk || options.yes) {
    throw new UsageError('NAME is missing.', {
      hint: `write "acs-env use NAME"; there ${listed.length === 1 ? 'is' : 'are'} ${names}`,
    })
  }
  const [only] = listed
  if (listed.length === 1 && only?.isCurrent) {
    reporter.show(`There is one resource, ${hostOf(only)}. "${program} setup --name NAME" stores another beside it.\n`)
    return undefined
  }
  const { ask } = await import('../ui/prompts.ts')
  const choices = listed.map((each) => ({ name: each.name, description: describeListed(each, system.now()) }))
  return ask({ kind: 'pick', message: 'Which one is to be the current one?', choices }, terminal)
}

function describeListed(listed: ListedResource, now: Date): string {
  const { expiresOn, isCurrent } = listed
  const parts = [
    hostOf(listed),
    ...(expiresOn === undefined
      ? []
      : [expiresOn > now ? `good until ${formatMoment(expiresOn, now)}` : 'the token has expired']),
    ...(isCurrent ? ['current'] : []),
  ]
  return parts.join(', ')
}

function hostOf({ host }: ListedResource): string {
  return host ?? 'an unknown resource'
}

async function answerDryRun(
  name: string,
  store: PreparedStore,
  found: Stored,
  { options, system, terminal, reporter }: Context,
): Promise<void> {
  const { planDocument, renderPlan } = await import('../ui/plan-text.ts')
  const isCurrent = hasCurrent(found) && currentName(store.directory, found) === name
  if (isCurrent) {
    return terminal.answer(options.json ? '{"dry_run":true,"changes":[],"warnings":[]}\n' : 'Nothing would change.\n')
  }
  const parked = readTarget(name, store.directory, { names: resourceNames(store.directory, found) })
  const renewed = isOver(parked, system.now()) ? 'to-come' : undefined
  const request = requestForUse<ToCome>(name, parked, { directory: store.directory, found, renewed })
  const draft = await store.plan<ToCome>({ kind: 'store', request })
  for (const warning of draft.warnings) reporter.warn(warning)
  await terminal.answer(
    options.json
      ? `${JSON.stringify(planDocument(draft))}\n`
      : renderPlan(draft, store.describe()) || 'Nothing would change.\n',
  )
}

/** It is the current one already; but a token that is over is renewed, since new shells could not use it. */
async function keepCurrent(name: string, store: PreparedStore, found: Stored, context: Context): Promise<Used> {
  const { system, reporter } = context
  const token = describeStoredToken(found)
  if (token !== undefined && tokenEnd(token, system.now()) !== undefined) {
    const kept = await openStore(system)
    const renewed = await attempt(async () =>
      renewStoredToken(kept, token, await credentialOf(found, context), {}, { system, reporter }),
    )
    if (renewed.kind === 'failed') warnOfToken(renewed.error, context)
  }
  const stored = await store.find()
  const { variables } = await store.inspect(stored)
  const places = variables.flatMap(({ name: variable, storedIn }) =>
    storedIn.slice(0, 1).map((where) => ({ name: variable, where })),
  )
  return { name, stored, places, activation: undefined }
}

async function change(name: string, store: PreparedStore, context: Context): Promise<Used> {
  const { system, reporter } = context
  const onWait = (): void => reporter.note('another acs-env is at work; waiting for it.')
  const first = readTarget(name, store.directory, await findNames(store))
  // Asked for before the lock is taken: it may take a while.
  const credential = isOver(first, system.now()) ? await attempt(() => credentialOf(first, context)) : undefined
  const changed = await changeStore<Change['kind'], undefined>(store, system, onWait, async (found, holding) => {
    // Found out with the lock held, so that what a killed run has left is gone in any case.
    if (hasCurrent(found) && currentName(store.directory, found) === name) return { kind: 'keep', result: undefined }
    const names = resourceNames(store.directory, found)
    const parked = readTarget(name, store.directory, { names })
    const renewed = await renew(parked, credential, context, holding.signal)
    if (holding.signal.aborted) throw new CancelledError()
    const request = requestForUse<never>(name, parked, { directory: store.directory, found, renewed })
    return { kind: 'change', change: { kind: 'store', request }, result: undefined }
  })
  if (changed.kind === 'kept') return keepCurrent(name, store, await store.find(), context)
  const { plan, applied, stored } = changed
  for (const warning of [...plan.warnings, ...applied.warnings]) reporter.warn(warning)
  for (const note of plan.notes) reporter.note(note)
  return { name, stored, places: plan.places, activation: applied.activation }
}

function readTarget(name: string, directory: string, { names }: Pick<Names, 'names'>): Stored {
  const parked = tryReadParked(directory, name)
  if ('problem' in parked) throw parked.problem
  // Another run may have removed it since.
  if (!names.includes(name)) throw unknownResource(name, names)
  return parked
}

function isOver(parked: Stored, now: Date): boolean {
  const token = describeStoredToken(parked)
  return token !== undefined && tokenEnd(token, now) !== undefined
}

/**
 * Renews a token that is over. Where that fails, a warning says so, and the resource becomes the current one all the
 * same.
 */
async function renew(
  parked: Stored,
  credential: Attempt<Credential> | undefined,
  context: Context,
  signal: AbortSignal,
): Promise<RenewedToken | undefined> {
  const { system, reporter } = context
  const token = describeStoredToken(parked)
  if (credential === undefined || token === undefined || tokenEnd(token, system.now()) === undefined) return undefined
  const issued =
    credential.kind === 'failed'
      ? credential
      : await attempt(() => issueAgain(parked, token, credential.value, {}, { system, reporter }, signal))
  if (issued.kind === 'done') return issued.value
  if (issued.error instanceof CancelledError) throw issued.error
  warnOfToken(issued.error, context)
  return undefined
}

function warnOfToken({ message }: CliError, { reporter }: Context): void {
  reporter.warn(`its token is of no use any more, and could not be renewed: ${message}`)
}

async function credentialOf(stored: Stored, context: Context): Promise<Credential> {
  return (
    (await findCredential({ options: context.options, first: 'store', stored, next: 'works' }, context)) ??
    noConnectionString()
  )
}

async function report(
  { name, stored, places, activation }: Used,
  store: PreparedStore,
  { options, system, terminal, reporter, program }: Context,
): Promise<void> {
  const token = describeStoredToken(stored)
  if (options.json) {
    const document = {
      name,
      user_id: storedIdentity(stored) ?? null,
      expires_on: token?.expiresOn?.toISOString() ?? null,
      stored: places,
    }
    return terminal.answer(`${JSON.stringify(document)}\n`)
  }
  const host = storedEndpoint(stored)?.replace(/^\w+:\/\/|\/$/g, '')
  const isGood = token?.expiresOn !== undefined && tokenEnd(token, system.now()) === undefined
  const details = [
    ...(host === undefined ? [] : [host]),
    ...(isGood && token.expiresOn !== undefined ? [`good until ${formatMoment(token.expiresOn, system.now())}`] : []),
  ]
  const which = details.length === 0 ? '' : `: ${details.join(', ')}`
  const mark = reporter.style('green', '✓')
  if (activation === undefined) return reporter.show(`${mark} ${name} is the current one already${which}.\n`)
  const { seen } = stored.state
  const readiness = {
    description: store.describe(),
    activation,
    seen,
    changedSince: changedSince(seen),
    inGithubJob: isGithubJob(system.env),
  }
  const them = places.length === 1 ? 'it' : 'them'
  reporter.show(
    `${mark} ${name} is the current one${which}.\n${renderActivation(readiness, program, them, reporter.style)}`,
  )
}
