import { findConnectionString, noConnectionString } from '../credentials/obtain.ts'
import { openStore } from '../platforms/resolve.ts'
import { freshToken } from '../token/fresh.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import type { CommandContext } from './context.ts'

/** `acs-env token`: the stored access token alone, renewed first if it is about to expire. */
export async function run(context: CommandContext<'token'>): Promise<void> {
  const { options, system, terminal } = context
  const store = await openStore(system)
  const found = await store.find()
  const obtain = async (): Promise<ConnectionString> =>
    (await findConnectionString({ options, first: 'store', stored: found.connectionString, next: 'works' }, context)) ??
    noConnectionString()
  const { token, userId, expiresOn } = await freshToken(found, { ...context, obtain })
  const document = { expires_on: expiresOn?.toISOString() ?? null, token: token.reveal(), user_id: userId ?? null }
  await terminal.answer(`${options.json ? JSON.stringify(document) : document.token}\n`)
}
