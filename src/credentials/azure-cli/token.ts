import { Secret } from '../../secret.ts'
import type { Surroundings } from '../../ui/surroundings.ts'
import type { EntraToken } from '../../values/credential.ts'
import { openAzureCli, type Asked } from './azure-cli.ts'
import { explainAzureCli } from './explain.ts'
import { fieldsOf, textOf } from './json.ts'

/** What the SDK too asks for, with both slashes. */
const SCOPE = 'https://communication.azure.com//.default'

/**
 * An Entra token for Communication Services from the signed-in Azure CLI, which renews it in time. Throws where it gives
 * none.
 *
 * @param subscription the id or name of the one whose tenant is to issue it; undefined: the default one
 */
export async function askForToken(
  subscription: string | undefined,
  { system, reporter }: Surroundings,
): Promise<EntraToken> {
  const narrowed = subscription === undefined ? [] : ['--subscription', subscription]
  const asked = await system.interruptible((signal) =>
    reporter.during('Asking the Azure CLI for an Entra token', () =>
      openAzureCli(system, signal).ask(['account', 'get-access-token', '--scope', SCOPE, ...narrowed]),
    ),
  )
  const read = asked.kind === 'failed' ? asked : readToken(asked.value)
  if (read.kind === 'answered') return read.value
  throw explainAzureCli(read.failure, { scope: SCOPE })
}

function readToken(value: unknown): Asked<EntraToken> {
  const { accessToken, expires_on, expiresOn } = fieldsOf(value)
  const token = textOf(accessToken)
  // Before 2.54 there is the local time alone, without a zone.
  const expires = typeof expires_on === 'number' ? new Date(expires_on * 1000) : new Date(textOf(expiresOn) ?? '')
  if (token === undefined || Number.isNaN(expires.getTime())) return { kind: 'failed', failure: { kind: 'garbled' } }
  return { kind: 'answered', value: { token: new Secret(token), expiresOn: expires } }
}
