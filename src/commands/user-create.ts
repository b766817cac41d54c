import { askService, credentialToUse } from '../credentials/ask-service.ts'
import { createUser } from '../service/operations.ts'
import type { CommandContext } from './context.ts'

/** `acs-env user create`: a new identity; with --json as `az communication user-identity user create`. */
export async function run(context: CommandContext<'user create'>): Promise<void> {
  const { options, terminal } = context
  const credential = await credentialToUse(context)
  if (options.dryRun) {
    const text = `Would make an identity in ${credential.host}.`
    return terminal.answer(`${options.json ? '{"dry_run":true}' : text}\n`)
  }
  const userId = await askService(credential, context, createUser)
  const document = { properties: { id: userId }, rawId: userId }
  await terminal.answer(`${options.json ? JSON.stringify(document) : userId}\n`)
}
