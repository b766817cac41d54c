import { requireCompatible } from '../args/compatible.ts'
import { attempt, CancelledError, CliError, RefusedError, UsageError } from '../errors.ts'
import { withoutStoredVariable } from '../platforms/look-for-stored.ts'
import { openStore, prepareDotenvStore } from '../platforms/resolve.ts'
import type { NamedResource } from '../platforms/resources/named.ts'
import { isScheduled } from '../schedule/is-scheduled.ts'
import type { Place, ToCome } from '../store/plan.ts'
import { hasResourcesFolder } from '../store/resources.ts'
import { changedSince } from '../store/seen.ts'
import type { Activation, Store } from '../store/store.ts'
import {
  clockProblem,
  describeStoredToken,
  expiresWithin,
  missingToken,
  renewalThresholdMs,
  type StoredToken,
} from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import { formatMoment } from '../text/time.ts'
import type { RenewalWish } from '../token/renew.ts'
import { isGithubJob, renderActivation } from '../ui/activation-text.ts'
import { parseIdentityId } from '../values/identity-id.ts'
import { parseDurationMs, parseLifetimeMinutes } from '../values/lifetime.ts'
import { parseScopes } from '../values/scopes.ts'
import type { CommandContext } from './context.ts'

type Context = CommandContext<'refresh'>

/** What belongs to one resource, and cannot be said of all. */
const ONE_RESOURCE = [
  'name',
  'user',
  'connectionString',
  'connectionStringStdin',
  'connectionStringCommand',
  'fromAz',
  'endpoint',
] as const

/** The token that is stored afterwards: a new one, or the one that was there. */
type Result =
  | {
      readonly kind: 'renewed'
      readonly token: StoredToken
      readonly places: readonly Place[]
      readonly activation: Activation
    }
  | { readonly kind: 'kept'; readonly token: StoredToken }

/** `acs-env refresh`: a new token in the place of the stored one. */
export async function run(context: Context): Promise<void> {
  const { options, system } = context
  const store = await open(context)
  const isAboutCurrent = options.name === undefined && options.all === undefined
  const work = (): Promise<Result['kind']> => (isAboutCurrent ? refreshCurrent(store, context) : refreshNamed(context))
  if (system.env.ACS_ENV_SCHEDULED === undefined) {
    if ((await work()) === 'renewed') await repairSchedule(store, context)
    return
  }
  const { recordRun } = await import('../schedule/change/record-run.ts')
  await recordRun(store.directory, system.now, work)
}

/** Opens what is stored, with the file that `--dotenv` names, which may not be kept fresh yet. */
async function open({ options, system }: Context): Promise<Store> {
  if (options.dotenv === undefined) {
    if (options.force) throw new UsageError('--force is for --dotenv.', { hint: 'leave it out' })
    return openStore(system)
  }
  const hint = 'a .env file has the values of the current resource; "acs-env use NAME" changes which that is'
  requireCompatible(options, 'dotenv', ['name', 'all'], hint)
  const { store } = await prepareDotenvStore({ file: options.dotenv, force: options.force === true }, system)
  return { ...store, plan: (change) => store.plan(change) }
}

/** What is refreshed. */
interface Refreshing {
  readonly store: Store
  /** Undefined where no name was given: the current one is meant. */
  readonly named: Pick<NamedResource, 'name' | 'isCurrent'> | undefined
}

/** How that ended, for a program or for a person. */
interface Refreshed {
  readonly kind: Result['kind']
  readonly answer:
    | { readonly kind: 'document'; readonly document: object }
    | { readonly kind: 'text'; readonly text: string }
}

async function refreshCurrent(store: Store, context: Context): Promise<Result['kind']> {
  const { terminal } = context
  const { kind, answer } = await refresh({ store, named: undefined }, context)
  if (answer.kind === 'text') await say(answer.text, context)
  else await terminal.answer(`${JSON.stringify(answer.document)}\n`)
  return kind
}

/** In a dry run it is the answer. */
async function say(text: string, { options, terminal, reporter }: Context): Promise<void> {
  if (options.dryRun) await terminal.answer(text)
  else reporter.show(text)
}

/** Refreshes the resource with this name, or all of them: a failure of one does not stop the others. */
async function refreshNamed(given: Context): Promise<Result['kind']> {
  const context = withoutStoredVariable(given)
  const { options, terminal, system, reporter } = context
  requireCompatible(options, 'all', ONE_RESOURCE)
  const { openAll, openNamed } = await import('../platforms/resources/named.ts')
  const mode = options.dryRun ? 'looks' : 'repairs'
  const resources =
    options.name === undefined ? await openAll(system, mode) : [await openNamed(options.name, system, mode)]
  if (resources.length === 0) missingToken()
  const kinds: Result['kind'][] = []
  const documents: object[] = []
  const failed: { readonly name: string; readonly error: CliError }[] = []
  for (const { store, ...named } of resources) {
    const refreshed = await attempt(() => refresh({ store, named }, context))
    if (refreshed.kind === 'failed') {
      const { error } = refreshed
      if (options.name !== undefined || error instanceof CancelledError) throw error
      failed.push({ name: named.name, error })
      reporter.warn(`${named.name}: ${error.message}`)
      continue
    }
    const { kind, answer } = refreshed.value
    kinds.push(kind)
    if (answer.kind === 'text') await say(answer.text, context)
    else documents.push(options.name === undefined ? { name: named.name, ...answer.document } : answer.document)
  }
  const [first] = failed
  if (first !== undefined) throw severalFailed(failed.map(({ name }) => name).join(', '), first.error)
  if (options.json) {
    await terminal.answer(`${JSON.stringify(options.name === undefined ? { resources: documents } : documents[0])}\n`)
  }
  return kinds.includes('renewed') ? 'renewed' : 'kept'
}

/** The error for several resources that failed; its exit code is that of the first. */
function severalFailed(names: string, first: CliError): CliError {
  const Kind = first instanceof RefusedError ? RefusedError : CliError
  return new Kind(`The token of ${names} could not be renewed.`, first)
}

async function refresh(refreshing: Refreshing, context: Context): Promise<Refreshed> {
  const { store } = refreshing
  const { options, system, reporter } = context
  const wish: RenewalWish = {
    userId: options.user === undefined ? undefined : parseIdentityId(options.user),
    scopes: options.scope === undefined ? undefined : parseScopes(options.scope),
    lifetimeMinutes: options.expiresIn === undefined ? undefined : parseLifetimeMinutes(options.expiresIn),
  }
  const withinMs = options.ifExpiresWithin === undefined ? undefined : parseDurationMs(options.ifExpiresWithin)
  const first = await store.find()
  const young = describeStoredToken(first)
  const clock = young === undefined ? undefined : clockProblem(young, first, system.now())
  if (clock !== undefined) reporter.warn(clock)
  const isIdle =
    withinMs !== undefined &&
    young !== undefined &&
    !expiresWithin(young, renewalThresholdMs(young, withinMs), system.now())
  if (isIdle) return report({ kind: 'kept', token: young }, refreshing, first, context)
  const found = await findUnbroken(refreshing, first, context)
  const before = describeStoredToken(found)
  // A dry run too is refused where nothing could be stored.
  await store.plan<ToCome>({ kind: 'renew', accessToken: 'to-come', issued: found.state.issued })
  if (before === undefined) {
    const { noCurrentResource } = await import('../platforms/resources/about.ts')
    throw noCurrentResource(store.directory, found) ?? missingToken()
  }
  // Loaded when there is something to renew: mostly there is not, and then this has to be quick.
  const [{ noConnectionString, findCredential }, { decideRenewal, renewStoredToken }] = await Promise.all([
    import('../credentials/obtain.ts'),
    import('../token/renew.ts'),
  ])
  const credential =
    (await findCredential({ options, first: 'store', stored: found, next: 'works' }, context)) ?? noConnectionString()
  if (options.dryRun) {
    const { userId, scopes } = decideRenewal(found, before, credential, wish)
    const document = { dry_run: true, user_id: userId, scopes }
    return answerWith('kept', options.json, document, `Would renew the token of ${userId}.\n`)
  }
  const renewal = await renewStoredToken(store, before, credential, wish, context)
  if (renewal.kind === 'kept') {
    reporter.note('another acs-env has just renewed it; its token was taken.')
    return report({ kind: 'kept', token: renewal.stored }, refreshing, await store.find(), context)
  }
  const { stored: token, places, activation } = renewal
  return report({ kind: 'renewed', token, places, activation }, refreshing, await store.find(), context)
}

/** First finishes a change of the current resource that a killed run has left. */
async function findUnbroken(
  { store, named }: Refreshing,
  found: Stored,
  { options, system }: Context,
): Promise<Stored> {
  if (options.dryRun || named !== undefined || !hasResourcesFolder(store.directory)) return found
  const { findWhole } = await import('../platforms/resources/whole.ts')
  return findWhole(store, found, system)
}

function answerWith(kind: Result['kind'], json: true | undefined, document: object, text: string): Refreshed {
  return { kind, answer: json ? { kind: 'document', document } : { kind: 'text', text } }
}

/** The job that renews in the background runs a copy of the program, which may be older than this one. */
async function repairSchedule({ directory }: Store, { system, reporter }: Context): Promise<void> {
  if (!isScheduled(directory)) return
  const { repairCopy } = await import('../schedule/change/install.ts')
  const repaired = await attempt(() => repairCopy(directory, system))
  // The token is renewed; the old copy goes on.
  if (repaired.kind === 'failed')
    reporter.warn(`the background job still runs an older acs-env: ${repaired.error.message}`)
}

async function report(
  result: Result,
  { store, named }: Refreshing,
  found: Stored,
  context: Context,
): Promise<Refreshed> {
  const { options, system, reporter, program } = context
  const { kind, token } = result
  const problems = result.kind === 'renewed' ? await problemsOf(store, found) : []
  for (const problem of problems) reporter.warn(problem)
  if (options.json) {
    const document = await refreshDocument(result, store, found, options.dryRun === true)
    return { kind, answer: { kind: 'document', document } }
  }
  const until = token.expiresOn === undefined ? '' : `, good until ${formatMoment(token.expiresOn, system.now())}`
  if (result.kind === 'kept') {
    const whose = named === undefined ? '' : ` of ${named.name}`
    return { kind, answer: { kind: 'text', text: `The stored token${whose} stays${until}.\n` } }
  }
  const renewed = `${reporter.style('green', '✓')} Renewed${named === undefined ? '' : ` ${named.name},`} for ${token.userId}${until}.\n`
  // Shells have the values of the current resource only.
  if (named?.isCurrent === false) return { kind, answer: { kind: 'text', text: renewed } }
  const { seen } = found.state
  const { activation } = result
  const inGithubJob = isGithubJob(system.env)
  const readiness = { description: store.describe(), activation, seen, changedSince: changedSince(seen), inGithubJob }
  const next = problems.length > 0 ? '' : renderActivation(readiness, program, 'it', reporter.style)
  return { kind, answer: { kind: 'text', text: `${renewed}${next}` } }
}

async function problemsOf(store: Store, found: Stored): Promise<readonly string[]> {
  const { problems, obstacles } = await store.inspect(found)
  return [...problems, ...obstacles]
}

async function refreshDocument(result: Result, store: Store, found: Stored, dryRun: boolean): Promise<object> {
  const { token } = result
  const { id, activation } = store.describe()
  return {
    ...(dryRun && { dry_run: true }),
    user_id: token.userId ?? null,
    scopes: token.scopes ?? [],
    expires_on: token.expiresOn?.toISOString() ?? null,
    renewed: result.kind === 'renewed',
    platform: id,
    stored: result.kind === 'renewed' ? result.places : await placesOfToken(store, found),
    activate: result.kind === 'renewed' ? result.activation.text : activation.text,
  }
}

async function placesOfToken(store: Store, found: Stored): Promise<readonly Place[]> {
  const { variables } = await store.inspect(found)
  return variables.flatMap(({ name, value, storedIn }) =>
    value === 'access-token' ? storedIn.slice(0, 1).map((where) => ({ name, where })) : [],
  )
}
