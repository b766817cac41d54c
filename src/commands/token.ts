import { obtainConnectionString } from '../credentials/obtain.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import { freshToken } from '../token/fresh.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import type { CommandContext } from './context.ts'

/** `acs-env token`: the stored access token alone, renewed first if it is about to expire. */
export async function run(context: CommandContext): Promise<void> {
  const { options, system, terminal } = context
  const platform = await resolvePlatform(system, { remembered: true })
  const found = await platform.find()
  const obtain = (): Promise<ConnectionString> =>
    obtainConnectionString(context, ['store', 'environment'], found.connectionString, { mayAsk: false })
  const { token, userId, expiresOn } = await freshToken(found, obtain, context)
  const document = { expires_on: expiresOn?.toISOString() ?? null, token: token.reveal(), user_id: userId ?? null }
  await terminal.answer(`${options.json ? JSON.stringify(document) : document.token}\n`)
}
