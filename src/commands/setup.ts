import { namesConnectionString, obtainConnectionString, parseFrom } from '../credentials/obtain.ts'
import { serviceOptions } from '../credentials/service-options.ts'
import { CancelledError, readBackError } from '../errors.ts'
import { withLock } from '../files/change/lock.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import { Secret } from '../secret.ts'
import { isForeignIdentity } from '../service/explain.ts'
import { issueToken } from '../service/operations.ts'
import { requestedSecret, type Plan, type Platform, type Request, type Stored } from '../store/store.ts'
import { operatingSystemName } from '../system/os-name.ts'
import { readSecretInput } from '../ui/secret-input.ts'
import { validator } from '../ui/validator.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import { DEFAULT_SCOPES, parseScopes, SCOPES } from '../values/scopes.ts'
import type { ObtainedToken } from '../values/token-claims.ts'
import type { CommandContext } from './context.ts'
import {
  decide,
  readToken,
  readWish,
  removedNames,
  requestFor,
  storedValues,
  type Decision,
  type Wish,
} from './setup/decide.ts'
import { renderSetupSummary, setupDocument, type SetupResult } from './setup/report.ts'

/** `acs-env setup`: from a connection string to two stored variables. */
export async function run(context: CommandContext): Promise<void> {
  const { options, system, terminal, reporter } = context
  const wish = readWish(options, system.env)
  const { shell, rcFile, inline } = options
  const platform = await resolvePlatform(system, { shell, rcFile, inline, changes: 'stores' })
  const before = await platform.find()
  const connectionString = await chooseConnectionString(context, wish, before)
  const given = wish.token === 'given' ? await readGivenToken(context) : undefined
  const asked = await askForScopes(context, decide(wish, connectionString, before, given))

  const mayAsk = terminal.canAsk && !options.yes
  const draft = await platform.plan(requestFor(asked, before, given ?? 'to-come'))
  if (options.dryRun) return answerDryRun(draft, platform, context)
  if (mayAsk) await confirm(draft, platform, context)

  const result = await system.interruptible((signal) => {
    const onWait = (): void => reporter.note('another acs-env is at work; waiting for it.')
    return withLock(
      platform.directory,
      system,
      { signal, onWait },
      async ({ createdDirectories }): Promise<SetupResult> => {
        // Another run may have stored something while this one was asking.
        const stored = await platform.find()
        const decision = decide({ ...wish, scopes: asked.scopes }, connectionString, stored, given)
        const obtained = await obtainToken(decision, given, context, signal)
        if (signal.aborted) throw new CancelledError()
        const request = requestFor(decision, stored, obtained, {
          renewedAt: obtained === undefined ? undefined : system.now().toISOString(),
          createdDirectories:
            stored.state.createdDirectories ?? createdDirectories.filter((path) => path !== platform.directory),
        })
        const plan = await platform.plan(request)
        await platform.apply(plan)
        await requireStored(platform, request)
        return {
          plan,
          platform,
          obtained,
          remembered: request.remember,
          isUnverified: decision.isUnverified,
          removed: removedNames(stored, request),
          remarks: platform.remarks(storedValues(request)),
        }
      },
    )
  })
  for (const warning of result.plan.warnings) reporter.warn(warning)
  if (result.isUnverified) {
    reporter.note('whether the access token belongs to the stored connection string cannot be told from here.')
  }
  for (const name of result.removed) reporter.note(`${name} was stored, and is removed.`)
  for (const note of result.plan.notes) reporter.note(note)
  noteHttp(connectionString, context)
  for (const remark of result.remarks) reporter.note(remark)
  if (options.json) return terminal.answer(`${JSON.stringify(setupDocument(result))}\n`)
  reporter.show(renderSetupSummary(result, operatingSystemName(), context.program, system.now(), reporter.style))
}

async function answerDryRun(
  draft: Plan,
  platform: Platform,
  { options, terminal, reporter }: CommandContext,
): Promise<void> {
  const { planDocument, renderPlan } = await import('../ui/plan-text.ts')
  for (const warning of draft.warnings) reporter.warn(warning)
  const text = renderPlan(draft, platform) || 'Nothing would change.\n'
  await terminal.answer(options.json ? `${JSON.stringify(planDocument(draft))}\n` : text)
}

async function readGivenToken({ terminal, system }: CommandContext): Promise<ObtainedToken> {
  const text = await readSecretInput('Access token', terminal)
  return readToken(new Secret(text.trim()), system.now())
}

/** A token that somebody else issued needs no connection string; one that is given or stored is kept beside it. */
async function chooseConnectionString(
  context: CommandContext,
  wish: Wish,
  { connectionString: stored }: Stored,
): Promise<ConnectionString | undefined> {
  const needed = wish.token !== 'given' || namesConnectionString(context)
  if (needed) return obtainConnectionString(context, ['store', 'environment'], stored)
  return stored === undefined || !wish.keepsConnectionString ? undefined : parseFrom('store', stored.reveal())
}

function noteHttp(connectionString: ConnectionString | undefined, { reporter }: CommandContext): void {
  if (connectionString?.endpoint.startsWith('http://')) {
    reporter.note('the endpoint is http://, which the Azure CLI and the Python SDK cannot use; JavaScript can.')
  }
}

async function askForScopes({ options, terminal }: CommandContext, decision: Decision): Promise<Decision> {
  const asks = decision.token === 'issued' && decision.scopesAreDefault && terminal.canAsk && !options.yes
  if (!asks) return decision
  const { ask } = await import('../ui/prompts.ts')
  const validate = validator((text) => parseScopes([text]))
  const message = `Scopes (${SCOPES.join(', ')})`
  const answer = await ask({ kind: 'text', message, initial: DEFAULT_SCOPES.join(' '), validate }, terminal)
  return { ...decision, scopes: parseScopes([answer]) }
}

async function confirm(draft: Plan, platform: Platform, { terminal, reporter }: CommandContext): Promise<void> {
  const { renderPlanBriefly } = await import('../ui/plan-text.ts')
  // Part of the question, and so not for --quiet to leave out.
  terminal.say(`\nThis will be written on ${operatingSystemName()}:\n\n${renderPlanBriefly(draft, platform)}\n`)
  for (const warning of draft.warnings) reporter.warn(warning)
  const { ask } = await import('../ui/prompts.ts')
  if (!(await ask({ kind: 'confirm', message: 'Go ahead?', initial: true }, terminal))) throw new CancelledError()
  reporter.show('\n')
}

async function obtainToken(
  decision: Decision,
  given: ObtainedToken | undefined,
  context: CommandContext,
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
    try {
      return await issue(userId)
    } catch (error) {
      if (userId === undefined || userIsFixed || !isForeignIdentity(error)) throw error
      reporter.note(`${userId} is not, or no longer, an identity of this resource; making a new one.`)
      return issue(undefined)
    }
  })
}

/** The last word before "stored": what a new shell will find is what was to be stored. */
async function requireStored(platform: Platform, request: Request): Promise<void> {
  const { connectionString, accessToken } = await platform.find()
  const same = (found: Secret | undefined, wanted: Secret | undefined): boolean =>
    wanted === undefined ? found === undefined : wanted.equals(found)
  const wantedToken = requestedSecret(request, 'access-token')
  if (same(connectionString, request.connectionString) && same(accessToken, wantedToken)) return
  throw readBackError('The stored values are not the ones that were written.')
}
