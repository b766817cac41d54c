import { askForCredential, obtainCredential } from '../credentials/obtain.ts'
import { namesSource } from '../credentials/option.ts'
import { serviceOptions } from '../credentials/service-options.ts'
import type { ChosenCredential } from '../credentials/source.ts'
import { requireStored } from '../credentials/stored.ts'
import { attempt, CancelledError, UsageError } from '../errors.ts'
import type { DotenvOutcome } from '../platforms/dotenv/prepare.ts'
import { prepareDotenvStore, prepareStore } from '../platforms/resolve.ts'
import { isScheduled } from '../schedule/is-scheduled.ts'
import type { ServiceOptions } from '../service/client.ts'
import { isForeignIdentity } from '../service/explain.ts'
import { issueToken } from '../service/operations.ts'
import { directoriesOf } from '../store/change/parking.ts'
import { changeStore } from '../store/change/transaction.ts'
import type { Change, Plan, StoreRequest, ToCome } from '../store/plan.ts'
import { hasResourcesFolder } from '../store/resources.ts'
import { changedSince } from '../store/seen.ts'
import type { Description, PreparedStore } from '../store/store.ts'
import { isInvalidatedToken } from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import { isGithubJob } from '../ui/activation-text.ts'
import { readSecretInput } from '../ui/secret-input.ts'
import type { Credential } from '../values/credential.ts'
import type { ObtainedToken } from '../values/token-claims.ts'
import { CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { CommandContext, Outcome } from './context.ts'
import { decide, removedNames, requestFor, storedValues, type Decision } from './setup/decide.ts'
import { IN_DEMO } from './setup/in-demo.ts'
import { isRenewable, renderSetupSummary, setupDocument } from './setup/report.ts'
import type { Intent } from './setup/review.ts'
import { targetOf, type Target } from './setup/target.ts'
import { verifyNewTerminals } from './setup/verify.ts'
import { readToken, readWish, type Wish } from './setup/wish.ts'

type Context = CommandContext<'setup'>

/** What was stored, and what was known of it at that moment. */
interface StoredNow {
  readonly decision: Decision
  readonly request: StoreRequest
  readonly obtained: ObtainedToken | undefined
  readonly removed: readonly string[]
}

/** `acs-env setup`: from a connection string to two stored variables that a new terminal has. */
export async function run(context: Context): Promise<Outcome> {
  const { options, system, terminal, reporter, program } = context
  if (options.verbose) await nameSystem(context)
  const wish = readWish(options, system)
  const { store, dotenv } = await prepare(context)
  const targetIn = (found: Stored): Target => targetOf(store.directory, found, wish.name)
  const foundFirst = await findBefore(store, system)
  const before = targetIn(foundFirst).own
  const first = await chooseCredential(asideFromCurrent(context, foundFirst, before), wish, before)
  const given = wish.token === 'given' ? await readGivenToken(context, before) : undefined
  const decideFor = (from: ChosenCredential | undefined): Decision =>
    decide(keepUnstored(wish, from, before, context), from, before, given)
  const decision = await askForScopes(context, decideFor(first))
  const intend = async (intended: Decision): Promise<Intent> => ({
    decision: intended,
    given,
    draft: await store.plan<ToCome>({
      kind: 'store',
      request: requestFor<ToCome>(intended, targetIn(foundFirst), wish.token === 'issued' ? 'to-come' : given, {
        createdDirectories: foundFirst.state.createdDirectories,
        renewedAt: undefined,
      }),
    }),
  })
  const proposed = await intend(decision)
  if (options.dryRun) {
    await answerDryRun(proposed.draft, store.describe(), context)
    return 'done'
  }
  const isReviewed = terminal.canAsk && !options.yes
  const revision = { intend, decideFor, description: store.describe() }
  const { decision: agreed, draft } = isReviewed ? await agree(proposed, revision, context) : proposed
  const { credential } = agreed

  const onWait = (): void => reporter.note('another acs-env is at work; waiting for it.')
  const changed = await changeStore<Change['kind'], StoredNow>(store, system, onWait, async (found, holding) => {
    // Another run may have stored something while this one was asking.
    const { keepsConnectionString, scopes } = agreed
    const target = targetIn(found)
    const decision = decide({ ...wish, keepsConnectionString, scopes }, credential, target.own, given)
    const service = { ...serviceOptions(context, holding.signal), onSent: () => void store.foresee(draft) }
    const obtained = await obtainToken(decision, given, context, service)
    if (holding.signal.aborted) throw new CancelledError()
    const known = directoriesOf(found.state, target.own.state)
    const request = requestFor<never>(decision, target, obtained, {
      renewedAt: obtained === undefined ? undefined : system.now().toISOString(),
      createdDirectories:
        known.length > 0 ? known : holding.createdDirectories.filter((path) => path !== store.directory),
    })
    const result = { decision, request, obtained, removed: removedNames(target.own, request) }
    return { kind: 'change', change: { kind: 'store', request }, result }
  })
  if (changed.kind === 'kept') throw new Error('setup always stores.')

  const { result, plan, applied, stored } = changed
  const description = store.describe()
  const said = isReviewed ? draft.warnings : []
  for (const warning of [...plan.warnings, ...applied.warnings]) {
    if (!said.includes(warning)) reporter.warn(warning)
  }
  if (result.decision.isUnverified) {
    reporter.note('whether the access token belongs to the stored connection string cannot be told from here.')
  }
  for (const name of result.removed) reporter.note(`${name} was stored, and is removed.`)
  for (const note of plan.notes) reporter.note(note)
  const parked = result.request.switch?.from?.name
  if (parked !== undefined)
    reporter.note(`${parked} is kept; "${program} use ${parked}" makes it the current one again.`)
  const demoWidth = system.env[IN_DEMO]
  const isDemo = demoWidth !== undefined
  if (!isDemo) noteHttp(credential, context)
  const values = storedValues(result.request)
  const inGithubJob = isGithubJob(system.env)
  const looks = options.noVerify === undefined && !inGithubJob
  const seen = await verifyNewTerminals(store, values, looks, context)
  for (const remark of description.remarks(values)) reporter.note(remark)
  const done = {
    ...result,
    plan,
    description,
    activation: applied.activation,
    profiles: stored.state.startup?.profiles ?? [],
    seen,
    changedSince: changedSince(seen),
    dotenv: dotenv?.(),
    inGithubJob,
  }
  const namesSchedule = !options.schedule && isWithoutSchedule(store.directory, context)
  if (options.json) await terminal.answer(`${JSON.stringify(setupDocument(done))}\n`)
  else {
    const width = isDemo ? Number(demoWidth) : terminal.width(2)
    const view = { program, now: system.now(), width, style: reporter.style, isReviewed, namesSchedule, isDemo }
    reporter.show(renderSetupSummary(done, view))
  }
  if (options.schedule) {
    const { scheduleAsUsual } = await import('../schedule/change/offer.ts')
    await scheduleAsUsual(context, program)
  }
  // Offered once, and only where all went well: a person must see first what is wrong.
  const isFirst = before.accessToken === undefined && isRenewable(result.request)
  if (isReviewed && isFirst && namesSchedule && !isDemo && !options.json && seen?.outcome !== 'not-seen') {
    const { offerSchedule } = await import('../schedule/change/offer.ts')
    await offerSchedule(context, program)
  }
  return seen?.outcome === 'not-seen' ? 'not-ready' : 'done'
}

/** Where the values go: into what new shells load, or into a `.env` file. */
async function prepare({ options, system }: Context): Promise<{
  readonly store: PreparedStore
  readonly dotenv: (() => DotenvOutcome) | undefined
}> {
  if (options.dotenv === undefined) {
    const wish = { shell: options.shell, rcFile: options.rcFile, inline: options.inline === true }
    return { store: await prepareStore(wish, system), dotenv: undefined }
  }
  const wish = { file: options.dotenv, force: options.force === true }
  const { store, outcome } = await prepareDotenvStore(wish, system)
  return { store, dotenv: outcome }
}

/** First finishes a change that a killed run has left: the decision depends on which resource is current. */
async function findBefore(store: PreparedStore, system: System): Promise<Stored> {
  const found = await store.find()
  if (!hasResourcesFolder(store.directory)) return found
  const { findWhole } = await import('../platforms/resources/whole.ts')
  return findWhole(store, found, system)
}

/** Ignores the shell's connection string where another resource is meant: it is that of the current one. */
function asideFromCurrent(context: Context, found: Stored, own: Stored): Context {
  const { system } = context
  const inShell = system.env[CONNECTION_STRING_NAME]
  if (own === found || inShell === undefined || found.connectionString?.reveal() !== inShell) return context
  return { ...context, system: { ...system, env: { ...system.env, [CONNECTION_STRING_NAME]: undefined } } }
}

/** Loaded only here, since finding out the name takes long. */
async function nameSystem({ reporter }: Context): Promise<void> {
  const { operatingSystemName } = await import('../system/os-name.ts')
  reporter.detail(`On ${operatingSystemName()}.`)
}

/** Whether the token could be renewed in the background, and is not. In CI nothing stays to run a job. */
function isWithoutSchedule(storeDirectory: string, { system }: Context): boolean {
  const { CI: ci = 'false' } = system.env
  return ci === 'false' && !isScheduled(storeDirectory)
}

async function answerDryRun(
  draft: Plan<ToCome>,
  description: Description,
  { options, terminal, reporter }: Context,
): Promise<void> {
  const { planDocument, renderPlan } = await import('../ui/plan-text.ts')
  for (const warning of draft.warnings) reporter.warn(warning)
  const text = renderPlan(draft, description) || 'Nothing would change.\n'
  await terminal.answer(options.json ? `${JSON.stringify(planDocument(draft))}\n` : text)
}

async function readGivenToken({ terminal, system }: Context, { state }: Stored): Promise<ObtainedToken> {
  const text = await readSecretInput('Access token', terminal)
  const given = readToken(text, system.now())
  if (!isInvalidatedToken(state, given.token)) return given
  throw new UsageError('This access token was revoked.', {
    code: 'invalid_access_token',
    hint: 'have a new one issued',
  })
}

/** A token that somebody else issued needs no connection string; one that is given or stored is kept beside it. */
async function chooseCredential(context: Context, wish: Wish, before: Stored): Promise<ChosenCredential | undefined> {
  const { options, terminal } = context
  if (wish.token === 'given' && !namesSource(options)) {
    const { connectionString: stored } = before
    if (stored === undefined || !wish.keepsConnectionString) return undefined
    return { ...requireStored(stored), source: undefined, origin: 'the stored connection string' }
  }
  const mayAsk = terminal.canAsk && !options.yes
  const next = options.yes ? 'works' : 'asks'
  const chosen = await obtainCredential({ options, first: 'store', stored: before, next }, context, { mayAsk })
  // At a terminal it was entered by a person, who knows it.
  return options.connectionStringStdin && mayAsk ? { ...chosen, origin: undefined } : chosen
}

/**
 * A key that --token-only kept nowhere, and that was fetched from its source again, is kept nowhere this time either,
 * unless the user named its source anew.
 */
function keepUnstored(
  wish: Wish,
  credential: ChosenCredential | undefined,
  { state: { issued } }: Stored,
  { options, reporter }: Context,
): Wish {
  const isAgain = credential?.source !== undefined && credential.source === issued.source && !namesSource(options)
  if (!isAgain || credential.kind === 'entra' || !wish.keepsConnectionString) return wish
  if (wish.token === 'none') {
    throw new UsageError('There would be nothing to store: the access key is kept nowhere, and --no-token was given.', {
      hint: 'name where the connection string comes from, as with --from-az',
    })
  }
  reporter.note('the access key is kept nowhere, as before; name where it comes from to have it stored.')
  return { ...wish, keepsConnectionString: false }
}

function noteHttp(credential: Credential | undefined, { reporter }: Context): void {
  if (credential?.endpoint.startsWith('http://')) {
    reporter.note(
      'the endpoint is http://: the Azure CLI and the Python SDK cannot use it, and the JavaScript SDK needs ' +
        'allowInsecureConnection: true.',
    )
  }
}

async function askForScopes(context: Context, decision: Decision): Promise<Decision> {
  const { options, terminal } = context
  const asks = decision.token === 'issued' && decision.scopesAreDefault && terminal.canAsk && !options.yes
  return asks ? withOtherScopes(context, decision) : decision
}

async function withOtherScopes({ terminal }: Context, decision: Decision): Promise<Decision> {
  const scopesQuestion = await import('../ui/scopes-question.ts')
  return { ...decision, scopes: await scopesQuestion.askForScopes(decision.scopes, terminal, 'asks') }
}

/** What it takes to intend something else. */
interface Revision {
  readonly intend: (decision: Decision) => Promise<Intent>
  readonly decideFor: (credential: ChosenCredential | undefined) => Decision
  readonly description: Description
}

/** Shows what is intended until the person agrees, who can choose another resource and other scopes. */
async function agree(
  proposed: Intent,
  { intend, decideFor, description }: Revision,
  context: Context,
): Promise<Intent> {
  const { review } = await import('./setup/review.ts')
  let intent = proposed
  for (;;) {
    const answer = await review(intent, description, context)
    context.reporter.show('\n')
    switch (answer) {
      case 'yes':
        return intent
      case 'no':
        throw new CancelledError()
      case 'scopes':
        intent = await intend(await withOtherScopes(context, intent.decision))
        break
      case 'resource': {
        const other = await askForCredential('asks', context)
        intent = await intend(await askForScopes(context, decideFor(other)))
        break
      }
      default:
        answer satisfies never
    }
  }
}

async function obtainToken(
  decision: Decision,
  given: ObtainedToken | undefined,
  { reporter }: Context,
  service: ServiceOptions,
): Promise<ObtainedToken | undefined> {
  const { credential, scopes, lifetimeMinutes, userId, deletedUserId, userIsFixed } = decision
  if (decision.token !== 'issued' || credential === undefined) return given
  const issue = async (user: string | undefined): Promise<ObtainedToken> => {
    const issued = await issueToken(credential, { userId: user, scopes, lifetimeMinutes }, service)
    return { ...issued, scopes, isNew: true }
  }
  if (deletedUserId !== undefined) reporter.note(`${deletedUserId} was deleted; making a new identity.`)
  return reporter.during(`Asking ${credential.host} for a token`, async () => {
    const issued = await attempt(() => issue(userId))
    if (issued.kind === 'done') return issued.value
    if (userId === undefined || userIsFixed || !isForeignIdentity(issued.error)) throw issued.error
    reporter.note(`${userId} is not, or no longer, an identity of this resource; making a new one.`)
    return issue(undefined)
  })
}
