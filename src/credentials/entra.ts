import { UsageError } from '../errors.ts'
import { Secret } from '../secret.ts'
import type { EntraSupplier } from '../store/remembered-source.ts'
import type { System } from '../system/system.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import { parseEndpoint, type EntraToken } from '../values/credential.ts'
import { outputOfCommand } from './command.ts'
import type { Source } from './source.ts'

/** With less than this left a token is not sent any more; Azure's own clients take the same. */
const LITTLE_LEFT_MS = 2 * 60_000
/** For a token that does not say itself how long it lives: the shortest that Entra ID issues. */
const UNKNOWN_LIFETIME_MS = 5 * 60_000

/** A sign-in at Entra ID, in place of an access key. Throws where the endpoint will not do. */
export function entraSource(endpointText: string, supplier: EntraSupplier, surroundings: Surroundings): Source {
  const { endpoint, host } = parseEndpoint(endpointText)
  return {
    words: 'a sign-in with Entra ID',
    find: async () => {
      let current: EntraToken | undefined
      const token = async (): Promise<EntraToken> => {
        const leftMs = (current?.expiresOn.getTime() ?? 0) - surroundings.system.now().getTime()
        if (current !== undefined && leftMs > LITTLE_LEFT_MS) return current
        current = await getToken(supplier, surroundings)
        return current
      }
      // Before anything else is asked of the user: nothing works without it.
      const { token: secret } = await token()
      const isKeepable = supplier.kind === 'azure-cli' || !supplier.command.includes(secret.reveal())
      return {
        kind: 'entra',
        endpoint,
        host,
        token,
        source: isKeepable ? { kind: 'entra', endpoint, supplier } : undefined,
      }
    },
  }
}

async function getToken(supplier: EntraSupplier, surroundings: Surroundings): Promise<EntraToken> {
  if (supplier.kind === 'azure-cli') {
    const { askForToken } = await import('./azure-cli/token.ts')
    return askForToken(supplier.subscription, surroundings)
  }
  const { command, directory } = supplier
  const output = await outputOfCommand(command, directory, '--entra-token-command', surroundings.system)
  return readToken(output, surroundings)
}

/** The token alone, or the JSON in which az and azd print it. */
function readToken(output: string, { system }: { readonly system: Pick<System, 'now'> }): EntraToken {
  const token = tokenIn(output.trim())
  if (token === undefined) {
    throw new UsageError('What the command of --entra-token-command printed is not an Entra token.', {
      code: 'invalid_entra_token',
      hint: 'it has to print the token alone, as az does with --query accessToken --output tsv',
    })
  }
  return {
    token: new Secret(token),
    expiresOn: expiryOf(token) ?? new Date(system.now().getTime() + UNKNOWN_LIFETIME_MS),
  }
}

function tokenIn(text: string): string | undefined {
  const candidate = text.startsWith('{') ? fieldIn(text) : text
  return candidate !== undefined && /^[\x21-\x7E]{20,20000}$/.test(candidate) ? candidate : undefined
}

function fieldIn(json: string): string | undefined {
  const { accessToken, token, access_token } = readObject(json)
  return [accessToken, token, access_token].find((value) => typeof value === 'string')
}

/** The `exp` claim. Entra tokens are not ours to understand; one that cannot be read is asked for anew in time. */
function expiryOf(token: string): Date | undefined {
  const { exp } = readObject(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  return typeof exp === 'number' && exp > 0 && exp < 1e11 ? new Date(exp * 1000) : undefined
}

function readObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}
