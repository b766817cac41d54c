import { attempt, UsageError } from '../errors.ts'
import { openStore, prepareDotenvStore } from '../platforms/resolve.ts'
import { readJob, scheduleDirectory } from '../schedule/job.ts'
import type { Place, ToCome } from '../store/plan.ts'
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
  const { system } = context
  const store = await open(context)
  if (system.env.ACS_ENV_SCHEDULED === undefined) {
    if ((await refresh(store, context)) === 'renewed') await repairSchedule(store, context)
    return
  }
  const { recordRun } = await import('../schedule/change/record-run.ts')
  await recordRun(store.directory, system.now, () => refresh(store, context))
}

/** With a file that is not kept fresh yet, what is stored and that file. */
async function open({ options, system }: Context): Promise<Store> {
  if (options.dotenv === undefined) {
    if (options.force) throw new UsageError('--force is for --dotenv.', { hint: 'leave it out' })
    return openStore(system)
  }
  const { store } = await prepareDotenvStore({ file: options.dotenv, force: options.force === true }, system)
  return { ...store, plan: (change) => store.plan(change) }
}

async function refresh(store: Store, context: Context): Promise<Result['kind']> {
  const { options, system, terminal, reporter } = context
  const wish: RenewalWish = {
    userId: options.user === undefined ? undefined : parseIdentityId(options.user),
    scopes: options.scope === undefined ? undefined : parseScopes(options.scope),
    lifetimeMinutes: options.expiresIn === undefined ? undefined : parseLifetimeMinutes(options.expiresIn),
  }
  const withinMs = options.ifExpiresWithin === undefined ? undefined : parseDurationMs(options.ifExpiresWithin)
  const found = await store.find()
  const current = describeStoredToken(found)
  const clock = current === undefined ? undefined : clockProblem(current, found, system.now())
  if (clock !== undefined) reporter.warn(clock)
  const isIdle =
    withinMs !== undefined &&
    current !== undefined &&
    !expiresWithin(current, renewalThresholdMs(current, withinMs), system.now())
  if (isIdle) {
    return report({ kind: 'kept', token: current }, store, found, context)
  }
  // A dry run too is refused where nothing could be stored.
  await store.plan<ToCome>({ kind: 'renew', accessToken: 'to-come', issued: found.state.issued })
  const before = current ?? missingToken()
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
    await terminal.answer(options.json ? `${JSON.stringify(document)}\n` : `Would renew the token of ${userId}.\n`)
    return 'kept'
  }
  const renewal = await renewStoredToken(store, before, credential, wish, context)
  if (renewal.kind === 'kept') {
    reporter.note('another acs-env has just renewed it; its token was taken.')
    return report({ kind: 'kept', token: renewal.stored }, store, await store.find(), context)
  }
  const { stored: token, places, activation } = renewal
  return report({ kind: 'renewed', token, places, activation }, store, await store.find(), context)
}

/** The job that renews in the background runs a copy of the program, which this one may be newer than. */
async function repairSchedule({ directory }: Store, { system, reporter }: Context): Promise<void> {
  if (readJob(scheduleDirectory(directory)) === undefined) return
  const { repairCopy } = await import('../schedule/change/install.ts')
  const repaired = await attempt(() => repairCopy(directory, system))
  // The token is renewed; the old copy goes on.
  if (repaired.kind === 'failed')
    reporter.warn(`the background job still runs an older acs-env: ${repaired.error.message}`)
}

async function report(result: Result, store: Store, found: Stored, context: Context): Promise<Result['kind']> {
  const { options, system, terminal, reporter, program } = context
  const { token } = result
  const problems = result.kind === 'renewed' ? await problemsOf(store, found) : []
  for (const problem of problems) reporter.warn(problem)
  if (options.json) {
    const document = await refreshDocument(result, store, found, options.dryRun === true)
    await terminal.answer(`${JSON.stringify(document)}\n`)
    return result.kind
  }
  const until = token.expiresOn === undefined ? '' : `, good until ${formatMoment(token.expiresOn, system.now())}`
  const stays = `The stored token stays${until}.\n`
  // In a dry run it is the answer.
  if (options.dryRun) await terminal.answer(stays)
  else if (result.kind === 'kept') reporter.show(stays)
  if (result.kind === 'kept') return 'kept'
  const { seen } = found.state
  const { activation } = result
  const changed = seen === undefined ? [] : changedSince(seen)
  const inGithubJob = isGithubJob(system.env)
  const readiness = { description: store.describe(), activation, seen, changedSince: changed, inGithubJob }
  const next = problems.length > 0 ? '' : renderActivation(readiness, program, 'it', reporter.style)
  reporter.show(`${reporter.style('green', '✓')} Renewed for ${token.userId}${until}.\n${next}`)
  return 'renewed'
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
