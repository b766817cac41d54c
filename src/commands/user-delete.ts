import { credentialToUse, findStoredTolerantly } from '../credentials/ask-service.ts'
import { storedIdentity } from '../store/stored-token.ts'
import { endTokens } from '../token/end.ts'
import { confirmDestruction } from '../ui/confirm.ts'
import { parseIdentityId, sameIdentity } from '../values/identity-id.ts'
import type { CommandContext } from './context.ts'

/** `acs-env user delete ID`: deletes an identity and all its data. */
export async function run(context: CommandContext<'user delete'>): Promise<void> {
  const { operands, options, system, terminal, reporter, program } = context
  const userId = parseIdentityId(operands[0] ?? '')
  const credential = await credentialToUse(context)
  if (options.dryRun) {
    return terminal.answer(`${options.json ? '{"dry_run":true}' : `Would delete ${userId} from ${credential.host}.`}\n`)
  }
  const found = await findStoredTolerantly(system)
  const isStoredToo = found !== undefined && sameIdentity(userId, storedIdentity(found))
  const warning = isStoredToo ? ' The stored token is for this identity.' : ''
  await confirmDestruction(`Delete ${userId} with all its data?${warning}`, context)
  const isStored = await endTokens({ reason: 'deleted', userId, credential }, context)
  if (options.json) return terminal.answer(`${JSON.stringify({ user_id: userId, deleted: true })}\n`)
  const next = isStored ? `The stored token was for it; "${program} setup --new-user" makes a new identity.\n` : ''
  reporter.show(`${reporter.style('green', '✓')} Deleted ${userId}.\n${next}`)
}
