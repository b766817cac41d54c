import { Secret } from '../secret.ts'
import type { Environment } from '../system/system.ts'
import { isLoopback } from '../values/connection-string.ts'
import { isExcepted } from './no-proxy.ts'

/** In the order of the Azure SDKs, which take the first that is set. */
const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy', 'HTTP_PROXY', 'http_proxy']
const NO_PROXY_VARIABLES = ['NO_PROXY', 'no_proxy']

/** A proxy that tunnels, and the variable that names it. */
export interface Proxy {
  readonly kind: 'proxy'
  readonly variable: string
  /** Whether the proxy itself is spoken to over TLS. */
  readonly isSecure: boolean
  /** An IPv6 address stands in brackets. */
  readonly hostname: string
  readonly port: number
  /** The value of `Proxy-Authorization`. */
  readonly authorization: Secret | undefined
}

export interface UnusableProxy {
  readonly kind: 'unusable-proxy'
  readonly variable: string
  readonly problem: 'socks' | 'scheme' | 'address' | 'raw-character'
}

/** How an endpoint is reached. */
export type Route =
  | { readonly kind: 'direct' }
  /** There is a proxy, and NO_PROXY excepts this endpoint from it. */
  | { readonly kind: 'excepted'; readonly variable: string; readonly by: string }
  | Proxy
  | UnusableProxy

/**
 * How to reach this endpoint, according to the environment. This machine never needs a proxy, which would get its
 * requests in plain text.
 */
export function readRoute(endpoint: URL, env: Environment): Route {
  const variable = PROXY_VARIABLES.find((name) => env[name] !== undefined)
  if (variable === undefined || isLoopback(endpoint.hostname)) return { kind: 'direct' }
  const by = NO_PROXY_VARIABLES.find((name) => env[name] !== undefined)
  if (by !== undefined && isExcepted(endpoint, env[by] ?? '')) return { kind: 'excepted', variable, by }
  return readProxy(variable, env[variable] ?? '')
}

/**
 * Reads `http://user:password@host:port` as curl does: without a scheme it is `http://`, what follows the host does not
 * count, and a `%` in the password that begins no escape stands for itself. Without a port it is 80, or 443 for
 * `https://`, as in the Azure SDKs; curl alone takes 1080.
 */
function readProxy(variable: string, value: string): Proxy | UnusableProxy {
  const unusable = (problem: UnusableProxy['problem']): UnusableProxy => ({ kind: 'unusable-proxy', variable, problem })
  // Not by URL alone: it takes a backslash, as in DOMAIN\user, for the end of the host.
  const [, scheme = 'http', authority = '', rest = ''] =
    /^(?:([a-z][a-z\d+.-]*):\/\/)?([^/?#]*)(.*)$/is.exec(value.trim()) ?? []
  if (/^socks/i.test(scheme)) return unusable('socks')
  if (!/^https?$/i.test(scheme)) return unusable('scheme')
  // A "#", "/" or "?" in the password would end the host right there, and the user's name be taken for it.
  if (rest.includes('@')) return unusable('raw-character')
  const at = authority.lastIndexOf('@')
  const address = `${scheme}://${authority.slice(at + 1)}`
  if (!URL.canParse(address)) return unusable('address')
  const { protocol, hostname, port } = new URL(address)
  // Quotes that a shell has left around it: URL takes them for a part of the host.
  if (!/^[\w.-]+$|^\[/.test(hostname)) return unusable('address')
  const isSecure = protocol === 'https:'
  return {
    kind: 'proxy',
    variable,
    isSecure,
    hostname,
    port: Number(port || (isSecure ? 443 : 80)),
    authorization: at === -1 ? undefined : basicAuthorization(authority.slice(0, at)),
  }
}

function basicAuthorization(userInfo: string): Secret {
  const [user = '', ...password] = userInfo.split(':')
  const bytes = Buffer.concat([percentDecoded(user), Buffer.from(':'), percentDecoded(password.join(':'))])
  return new Secret(`Basic ${bytes.toString('base64')}`)
}

function percentDecoded(text: string): Buffer {
  const bytes = Buffer.from(text).toString('latin1')
  const decoded = bytes.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(decoded, 'latin1')
}
