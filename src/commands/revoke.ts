import { credentialToUse, findStoredTolerantly } from '../credentials/ask-service.ts'
import { UsageError } from '../errors.ts'
import { storedIdentity } from '../store/stored-token.ts'
import type { System } from '../system/system.ts'
import { endTokens } from '../token/end.ts'
import { confirmDestruction } from '../ui/confirm.ts'
import { parseIdentityId } from '../values/identity-id.ts'
import type { CommandContext } from './context.ts'

/** `acs-env revoke`: no token of an identity is valid any more. */
export async function run(context: CommandContext<'revoke'>): Promise<void> {
  const { options, system, terminal, reporter, program } = context
  const userId = options.user === undefined ? await findStoredUser(system) : parseIdentityId(options.user)
  const credential = await credentialToUse(context)
  if (options.dryRun) {
    const text = `Would revoke all tokens of ${userId} at ${credential.host}.`
    return terminal.answer(`${options.json ? '{"dry_run":true}' : text}\n`)
  }
  await confirmDestruction(`Revoke all tokens of ${userId}?`, context)
  const isStored = await endTokens({ reason: 'revoked', userId, credential }, context)
  if (options.json) return terminal.answer(`${JSON.stringify({ user_id: userId, revoked: true })}\n`)
  const next = isStored ? `The stored token is one of them; "${program} refresh" issues a new one.\n` : ''
  reporter.show(
    `${reporter.style('green', '✓')} Revoked all tokens of ${userId}; it takes up to 15 minutes to be known everywhere.\n${next}`,
  )
}

async function findStoredUser(system: System): Promise<string> {
  const found = await findStoredTolerantly(system)
  const userId = found === undefined ? undefined : storedIdentity(found)
  if (userId !== undefined) return userId
  throw new UsageError('No identity is stored.', { code: 'missing_user', hint: 'name one with --user ID' })
}
