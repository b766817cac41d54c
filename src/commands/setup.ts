import { obtainConnectionString } from '../credentials/obtain.ts'
import { namesSource } from '../credentials/option.ts'
import { serviceOptions } from '../credentials/service-options.ts'
import { requireStored } from '../credentials/stored.ts'
import { attempt, CancelledError } from '../errors.ts'
import { prepareStore } from '../platforms/resolve.ts'
import { Secret } from '../secret.ts'
import { isForeignIdentity } from '../service/explain.ts'
import { issueToken } from '../service/operations.ts'
import { changeStore } from '../store/change/transaction.ts'
import type { Change, Plan, StoreRequest, ToCome } from '../store/plan.ts'
import type { Description } from '../store/store.ts'
import type { Stored } from '../store/stored.ts'
import { operatingSystemName } from '../system/os-name.ts'
import { readSecretInput } from '../ui/secret-input.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import type { ObtainedToken } from '../values/token-claims.ts'
import type { CommandContext, Outcome } from './context.ts'
import { decide, removedNames, requestFor, storedValues, type Decision } from './setup/decide.ts'
import { renderSetupSummary, setupDocument } from './setup/report.ts'
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
  const wish = readWish(options, system.env)
  const store = await prepareStore(
    { shell: options.shell, rcFile: options.rcFile, inline: options.inline === true },
    system,
  )
  const before = await store.find()
  const connectionString = await chooseConnectionString(context, wish, before)
  const given = wish.token === 'given' ? await readGivenToken(context) : undefined
  const asked = await askForScopes(context, decide(wish, connectionString, before, given))

  const draft = await store.plan<ToCome>({
    kind: 'store',
    request: requestFor<ToCome>(asked, before, wish.token === 'issued' ? 'to-come' : given, {
      createdDirectories: before.state.createdDirectories,
      renewedAt: undefined,
    }),
  })
  if (options.dryRun) {
    await answerDryRun(draft, store.describe(), context)
    return 'done'
  }
  if (terminal.canAsk && !options.yes) await confirm(draft, store.describe(), context)

  const onWait = (): void => reporter.note('another acs-env is at work; waiting for it.')
  const changed = await changeStore<Change['kind'], StoredNow>(store, system, onWait, async (found, holding) => {
    // Another run may have stored something while this one was asking.
    const decision = decide({ ...wish, scopes: asked.scopes }, connectionString, found, given)
    const obtained = await obtainToken(decision, given, context, holding.signal)
    if (holding.signal.aborted) throw new CancelledError()
    const known = found.state.createdDirectories
    const request = requestFor<never>(decision, found, obtained, {
      renewedAt: obtained === undefined ? undefined : system.now().toISOString(),
      createdDirectories:
        known.length > 0 ? known : holding.createdDirectories.filter((path) => path !== store.directory),
    })
    const result = { decision, request, obtained, removed: removedNames(found, request) }
    return { kind: 'change', change: { kind: 'store', request }, result }
  })
  if (changed.kind === 'kept') throw new Error('setup always stores.')

  const { result, plan, applied } = changed
  const description = store.describe()
  for (const warning of plan.warnings) reporter.warn(warning)
  if (result.decision.isUnverified) {
    reporter.note('whether the access token belongs to the stored connection string cannot be told from here.')
  }
  for (const name of result.removed) reporter.note(`${name} was stored, and is removed.`)
  for (const note of plan.notes) reporter.note(note)
  noteHttp(connectionString, context)
  const values = storedValues(result.request)
  const seen = await verifyNewTerminals(store, values, options.noVerify === undefined, context)
  for (const remark of description.remarks(values)) reporter.note(remark)
  const done = { ...result, plan, description, activation: applied.activation, seen }
  if (options.json) await terminal.answer(`${JSON.stringify(setupDocument(done))}\n`)
  else reporter.show(renderSetupSummary(done, operatingSystemName(), program, system.now(), reporter.style))
  return seen?.outcome === 'not-seen' ? 'not-ready' : 'done'
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

async function readGivenToken({ terminal, system }: Context): Promise<ObtainedToken> {
  const text = await readSecretInput('Access token', terminal)
  return readToken(new Secret(text.trim()), system.now())
}

/** A token that somebody else issued needs no connection string; one that is given or stored is kept beside it. */
async function chooseConnectionString(
  context: Context,
  wish: Wish,
  { connectionString: stored }: Stored,
): Promise<ConnectionString | undefined> {
  const { options, terminal } = context
  if (wish.token === 'given' && !namesSource(options)) {
    return stored === undefined || !wish.keepsConnectionString ? undefined : requireStored(stored)
  }
  const mayAsk = terminal.canAsk && !options.yes
  const next = options.yes ? 'works' : 'asks'
  return obtainConnectionString({ options, first: 'store', stored, next }, context, { mayAsk })
}

function noteHttp(connectionString: ConnectionString | undefined, { reporter }: Context): void {
  if (connectionString?.endpoint.startsWith('http://')) {
    reporter.note('the endpoint is http://, which the Azure CLI and the Python SDK cannot use; JavaScript can.')
  }
}

async function askForScopes({ options, terminal }: Context, decision: Decision): Promise<Decision> {
  const asks = decision.token === 'issued' && decision.scopesAreDefault && terminal.canAsk && !options.yes
  if (!asks) return decision
  const scopesQuestion = await import('../ui/scopes-question.ts')
  return { ...decision, scopes: await scopesQuestion.askForScopes(terminal, 'asks') }
}

async function confirm(draft: Plan<ToCome>, description: Description, { terminal, reporter }: Context): Promise<void> {
  const { renderPlanBriefly } = await import('../ui/plan-text.ts')
  // Part of the question, and so not for --quiet to leave out.
  terminal.say(`\nThis will be written on ${operatingSystemName()}:\n\n${renderPlanBriefly(draft, description)}\n`)
  for (const warning of draft.warnings) reporter.warn(warning)
  const { ask } = await import('../ui/prompts.ts')
  if (!(await ask({ kind: 'confirm', message: 'Go ahead?', initial: true }, terminal))) throw new CancelledError()
  reporter.show('\n')
}

async function obtainToken(
  decision: Decision,
  given: ObtainedToken | undefined,
  context: Context,
  signal: AbortSignal,
): Promise<ObtainedToken | undefined> {
  const { reporter } = context
  const { connectionString, scopes, lifetimeMinutes, userId, userIsFixed } = decision
  if (decision.token !== 'issued' || connectionString === undefined) return given
  const service = serviceOptions(context, signal)
  const issue = async (user: string | undefined): Promise<ObtainedToken> => {
    const issued = await issueToken(connectionString, { userId: user, scopes, lifetimeMinutes }, service)
    return { ...issued, scopes, isNew: true }
  }
  return reporter.during(`Asking ${connectionString.host} for a token`, async () => {
    const issued = await attempt(() => issue(userId))
    if (issued.kind === 'done') return issued.value
    if (userId === undefined || userIsFixed || !isForeignIdentity(issued.error)) throw issued.error
    reporter.note(`${userId} is not, or no longer, an identity of this resource; making a new one.`)
    return issue(undefined)
  })
}
