import { askService, credentialToUse } from '../credentials/ask-service.ts'
import { UsageError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { exchangeTeamsToken } from '../service/operations.ts'
import { formatMoment } from '../text/time.ts'
import { readSecretInput } from '../ui/secret-input.ts'
import { findAccessToken } from '../values/pasted/access-token-in-text.ts'
import type { CommandContext } from './context.ts'

/** `acs-env teams-token`: a Teams user's Entra token becomes an access token, as `az … token get-for-teams-user`. */
export async function run(context: CommandContext<'teams-token'>): Promise<void> {
  const { options, system, terminal, reporter } = context
  const clientId = required(options.client, '--client', 'APPID')
  const userObjectId = required(options.aadUser, '--aad-user', 'OID')
  requireOneSource(context)
  const credential = await credentialToUse(context)
  const entraToken = await readEntraToken(context)
  if (options.dryRun) {
    const text = `Would exchange the Entra token at ${credential.host}.`
    return terminal.answer(`${options.json ? '{"dry_run":true}' : text}\n`)
  }
  const { token, expiresOn } = await askService(credential, context, (source, serviceOptions) =>
    exchangeTeamsToken(source, { entraToken, clientId, userObjectId }, serviceOptions),
  )
  const document = { expires_on: expiresOn.toISOString(), token: token.reveal() }
  await terminal.answer(`${options.json ? JSON.stringify(document) : document.token}\n`)
  if (!options.json) reporter.note(`good until ${formatMoment(expiresOn, system.now())}`)
}

function required(value: string | undefined, option: string, placeholder: string): string {
  if (value !== undefined) return value
  throw new UsageError(`${option} is missing.`, { code: 'missing_option', hint: `give ${option} ${placeholder}` })
}

function requireOneSource({ options }: CommandContext<'teams-token'>): void {
  const { aadToken, aadTokenStdin, connectionStringStdin } = options
  if (aadToken === undefined && aadTokenStdin === undefined) {
    throw new UsageError('The Entra token is missing.', {
      code: 'missing_option',
      hint: 'give --aad-token-stdin or --aad-token',
    })
  }
  const twice = aadToken !== undefined && aadTokenStdin !== undefined
  const sharesInput = aadTokenStdin !== undefined && connectionStringStdin !== undefined
  if (twice || sharesInput) {
    const pair = twice ? '--aad-token and --aad-token-stdin' : '--aad-token-stdin and --connection-string-stdin'
    throw new UsageError(`${pair} do not go together.`, { hint: 'leave one of them out' })
  }
}

async function readEntraToken({ options, terminal }: CommandContext<'teams-token'>): Promise<Secret> {
  const given = options.aadToken ?? (await readSecretInput('Entra token', terminal))
  // Out of the JSON of "az account get-access-token", say.
  const found = findAccessToken(given)
  const text = found.kind === 'token' ? found.text : given.trim()
  if (/^[\x21-\x7E]+$/.test(text)) return new Secret(text)
  throw new UsageError('What was given is not an Entra token.', {
    code: 'invalid_aad_token',
    hint: 'give the token alone',
  })
}
