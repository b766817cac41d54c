import { existsSync } from 'node:fs'
import { obtainConnectionString } from '../credentials/obtain.ts'
import { serviceOptions } from '../credentials/service-options.ts'
import { CancelledError, CliError, readBackError, UsageError } from '../errors.ts'
import { removeEmptyDirectories } from '../files/change/directory.ts'
import { withLock } from '../files/change/lock.ts'
import { withoutSystemError } from '../files/unforeseen-error.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import { isForeignIdentity } from '../service/explain.ts'
import { deleteUser, revokeTokens } from '../service/operations.ts'
import type { Plan, Platform, Stored } from '../store/store.ts'
import { storedIdentity } from '../store/stored-token.ts'
import { confirmDestruction } from '../ui/confirm.ts'
import { planDocument, renderPlan, renderPlanBriefly } from '../ui/plan-text.ts'
import type { CommandContext } from './context.ts'

/** `acs-env unset`: every file as it was before setup; on request the service forgets too. */
export async function run(context: CommandContext): Promise<void> {
  const { options, system, terminal, reporter } = context
  const platform = await resolvePlatform(system, { remembered: true, changes: 'removes' })
  const before = await platform.find()
  const draft = await platform.planRemoval()
  const userId = storedIdentity(before)
  const tellsService = options.revoke === true || options.deleteUser === true
  if (tellsService && userId === undefined) throw unknownIdentity()
  if (options.dryRun) return terminal.answer(renderDryRun(draft, platform, tellsService ? userId : undefined, options))
  if (draft.steps.length === 0 && !tellsService && !existsSync(platform.directory)) return report(draft, context)
  if (draft.steps.length > 0 || tellsService) await confirm(draft, platform, userId, context)

  let isTold = false
  const plan = await system
    .interruptible((signal) => {
      const onWait = (): void => reporter.note('another acs-env is at work; waiting for it.')
      return withLock(platform.directory, system, { signal, onWait }, async () => {
        // Another run may have stored something else while this one was asking or waiting.
        const found = await platform.find()
        if (tellsService && userId !== undefined) {
          if (storedIdentity(found) !== userId) throw changedMeanwhile()
          await tellService(userId, found, context, signal)
          isTold = true
        }
        // What the service has done cannot be taken back: what belongs to it is removed then, whoever says stop.
        if (signal.aborted && !isTold) throw new CancelledError()
        const plan = await platform.planRemoval()
        await platform.apply(plan)
        await requireRemoved(platform)
        return plan
      })
    })
    .catch((error: unknown) => {
      throw isTold ? toldAlready(error, options.deleteUser === true) : error
    })
    // Also where reading back failed: the state, which knows of them, is gone by then.
    .finally(() => removeEmptyDirectories([platform.directory, ...(before.state.createdDirectories ?? [])]))
  for (const warning of plan.warnings) reporter.warn(warning)
  const { otherwise } = platform.activation
  if (otherwise !== undefined) reporter.note(`if new consoles have the old values, ${otherwise}.`)
  return report(plan, context)
}

/** @param userId whom the service would be told of, if at all */
function renderDryRun(
  draft: Plan,
  platform: Platform,
  userId: string | undefined,
  { json, deleteUser }: CommandContext['options'],
): string {
  const service = userId !== undefined && { user_id: userId, revokes: true, deletes_user: deleteUser === true }
  if (json) return `${JSON.stringify({ ...planDocument(draft), ...service })}\n`
  const what = deleteUser ? `delete ${userId} with all its data` : `revoke all tokens of ${userId}`
  const further = userId === undefined ? '' : `Would ${what}, which cannot be undone.\n`
  return `${renderPlan(draft, platform) || 'Nothing is stored.\n'}${further}`
}

async function confirm(
  draft: Plan,
  platform: Platform,
  userId: string | undefined,
  context: CommandContext,
): Promise<void> {
  const { options, terminal, reporter } = context
  if (options.deleteUser) {
    return confirmDestruction(`Delete ${userId ?? ''} with all its data, and remove both variables?`, context)
  }
  if (options.yes || !terminal.canAsk) return
  reporter.show(`This will be removed:\n\n${renderPlanBriefly(draft, platform)}\n`)
  const { ask } = await import('../ui/prompts.ts')
  const message = options.revoke ? `Go ahead, and revoke all tokens of ${userId ?? ''}?` : 'Go ahead?'
  if (!(await ask({ kind: 'confirm', message, initial: !options.revoke }, terminal))) throw new CancelledError()
}

async function tellService(userId: string, found: Stored, context: CommandContext, signal: AbortSignal): Promise<void> {
  const { options, reporter } = context
  const connectionString = await obtainConnectionString(context, ['store', 'environment'], found.connectionString, {
    mayAsk: false,
  })
  await reporter.during(`Asking ${connectionString.host}`, async () => {
    // Deleting an identity revokes its tokens too.
    try {
      if (options.deleteUser) await deleteUser(connectionString, userId, serviceOptions(context, signal))
      else await revokeTokens(connectionString, userId, serviceOptions(context, signal))
    } catch (error) {
      // Deleted already is what was wanted; whose tokens are to be revoked has to be known.
      if (!options.deleteUser || !isForeignIdentity(error)) throw error
      reporter.note(`${userId} was no identity of ${connectionString.host} any more.`)
    }
  })
}

async function report(plan: Plan, { options, terminal, reporter }: CommandContext): Promise<void> {
  for (const note of plan.notes) reporter.note(note)
  const revoked = options.revoke === true || options.deleteUser === true
  if (options.json) {
    const document = { removed: plan.stored, revoked, user_deleted: options.deleteUser === true }
    return terminal.answer(`${JSON.stringify(document)}\n`)
  }
  if (plan.steps.length === 0 && !revoked) return reporter.show('Nothing is stored.\n')
  const service = options.deleteUser ? ' The identity is deleted.' : options.revoke ? ' Its tokens are revoked.' : ''
  reporter.show(`${reporter.style('green', '✓')} Removed.${service} Shells that are open keep the old values.\n`)
}

async function requireRemoved(platform: Platform): Promise<void> {
  const { connectionString, accessToken } = await platform.find()
  if (connectionString === undefined && accessToken === undefined) return
  throw readBackError('The stored values are still there.')
}

/** The files failed, and the service has done its part. */
function toldAlready(thrown: unknown, isDeleted: boolean): unknown {
  const error = withoutSystemError(thrown)
  if (error instanceof CliError)
    error.message += ` The ${isDeleted ? 'identity is deleted' : 'tokens are revoked'} already.`
  return error
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
