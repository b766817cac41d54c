import type { CommandContext } from '../context.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import { freshToken } from '../renewal/fresh-token.ts'

/** `acs-env token`: the stored access token alone, renewed first if it is about to expire. */
export async function run(context: CommandContext): Promise<void> {
  const { options, system, terminal } = context
  const platform = await resolvePlatform(system, { remembered: true })
  const { token, userId, expiresOn } = await freshToken(await platform.find(), ['store', 'environment'], context)
  const document = { expires_on: expiresOn?.toISOString() ?? null, token: token.reveal(), user_id: userId ?? null }
  await terminal.answer(`${options.json ? JSON.stringify(document) : document.token}\n`)
}
