import { UsageError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import { isLoopback, type ConnectionString } from './connection-string.ts'

/** What the service takes a request for, and of which resource. */
export type Credential = ConnectionString | EntraCredential

/** A sign-in at Microsoft Entra ID in place of an access key. */
export interface EntraCredential {
  readonly kind: 'entra'
  /** `https://<host>/` */
  readonly endpoint: string
  /** Host name, with the port where it is not the default one. */
  readonly host: string
  /** The Entra token to send: the one at hand, or a new one where that is about to expire. */
  token(): Promise<EntraToken>
}

export interface EntraToken {
  readonly token: Secret
  readonly expiresOn: Date
}

/** The connection string to store or hand on; Entra ID has none. */
export function connectionStringOf(credential: Credential | undefined): Secret | undefined {
  return credential?.kind === 'access-key' ? credential.secret : undefined
}

/**
 * Reads the value of `--endpoint`: a host name alone, or an address. Only https: an Entra token, unlike an access key, is
 * sent as it is, so anybody who listens could use it.
 *
 * @throws UsageError
 */
export function parseEndpoint(text: string): Pick<EntraCredential, 'endpoint' | 'host'> {
  const fail = (what: string, hint = 'it reads https://<resource>.communication.azure.com/'): never => {
    throw new UsageError(`The value of --endpoint ${what}.`, { code: 'invalid_endpoint', hint })
  }
  const trimmed = text.trim()
  // A whole connection string would put the key on the command line, and is not needed here.
  if (/accesskey\s*=/i.test(trimmed)) fail('has an access key in it', 'give the address alone')
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  const url = URL.canParse(address) ? new URL(address) : fail('is not an address')
  if (url.protocol === 'http:') {
    fail(
      'begins with http://, which would send the Entra token unencrypted',
      isLoopback(url.hostname) ? 'start the emulator with --https' : 'write https://',
    )
  }
  if (url.protocol !== 'https:') fail('does not begin with https://')
  if (url.username !== '' || url.password !== '') fail('has a user name')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') fail('has something after the host name')
  return { endpoint: `https://${url.host}/`, host: url.host }
}
