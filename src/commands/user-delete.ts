import { askService, connectionStringToUse } from '../credentials/ask-service.ts'
import { deleteUser } from '../service/operations.ts'
import { confirmDestruction } from '../ui/confirm.ts'
import { parseIdentityId } from '../values/identity-id.ts'
import type { CommandContext } from './context.ts'

/** `acs-env user delete ID`: deletes an identity and all its data. */
export async function run(context: CommandContext<'user delete'>): Promise<void> {
  const { operands, options, terminal, reporter } = context
  const userId = parseIdentityId(operands[0] ?? '')
  const connectionString = await connectionStringToUse(context)
  if (options.dryRun) {
    return terminal.answer(
      `${options.json ? '{"dry_run":true}' : `Would delete ${userId} from ${connectionString.host}.`}\n`,
    )
  }
  await confirmDestruction(`Delete ${userId} with all its data?`, context)
  await askService(connectionString, context, (source, serviceOptions) => deleteUser(source, userId, serviceOptions))
  if (options.json) return terminal.answer(`${JSON.stringify({ user_id: userId, deleted: true })}\n`)
  reporter.show(`${reporter.style('green', '✓')} Deleted ${userId}.\n`)
}
