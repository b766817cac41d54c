import { UsageError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { connectionStringMistake, isDoubtfulEndpoint } from './connection-string-mistakes.ts'
import { unwrapPastedLine } from './pasted-line.ts'

/** A connection string that was understood. Its canonical text is what is stored and what every SDK reads. */
export interface ConnectionString {
  /** `https://<host>/` */
  readonly endpoint: string
  /** Host name, with the port where it is not the default one. */
  readonly host: string
  /** `endpoint=https://<host>/;accesskey=<key>` */
  readonly secret: Secret
}

/** Beyond any real one, which has 160 to 190 characters. */
const MAX_LENGTH = 4096
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
const CANONICAL =
  /^endpoint=(https:\/\/([a-z\d](?:[a-z\d.-]{0,251}[a-z\d])?(?::\d{1,5})?)\/);accesskey=(?:[A-Za-z\d+/]{4}){10,64}(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * Understands a connection string as people have it: parts in any order and letter case, quotes or spaces around it, a
 * semicolon at the end, or a whole `export …` or `setx …` line. Anything else throws a `UsageError` made for the
 * mistake, which never repeats the input.
 *
 * @param isFromShell whether a shell has handed it over, which may have cut it
 */
export function parseConnectionString(text: string, isFromShell = false): ConnectionString {
  if (text.length > MAX_LENGTH) fail('This is too long for a connection string.', 'paste the connection string alone')
  const canonical = readCanonical(text.trim())
  // Copied from the portal it is as it should be; judging anything else takes a while.
  if (canonical !== undefined && !isDoubtfulEndpoint(canonical.endpoint)) return canonical
  const unwrapped = unwrapPastedLine(text)
  if (/^[{[]\s*["{]/.test(unwrapped)) {
    fail(
      'This is JSON; the connection string is wanted alone.',
      'let the Azure CLI print it with --query primaryConnectionString --output tsv',
    )
  }
  const parts = readParts(unwrapped)
  const mistake = connectionStringMistake(unwrapped, parts, isFromShell)
  if (mistake !== undefined) fail(mistake.message, mistake.hint)
  const url = readEndpoint(parts.get('endpoint') ?? '')
  const key = readAccessKey(parts.get('accesskey') ?? '')
  const endpoint = `${url.protocol}//${url.host}/`
  return { endpoint, host: url.host, secret: new Secret(`endpoint=${endpoint};accesskey=${key}`) }
}

/** The same for the stored one, which hardly ever is anything but canonical: known at a glance, it need not be judged. */
export function parseStoredConnectionString(text: string): ConnectionString {
  return readCanonical(text) ?? parseConnectionString(text)
}

/** Whether this host is this machine, the only one that may be spoken to without TLS. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname)
}

function readCanonical(text: string): ConnectionString | undefined {
  const [, endpoint, host] = CANONICAL.exec(text) ?? []
  if (endpoint === undefined || host === undefined || !URL.canParse(endpoint)) return undefined
  // A port that is the default one, or an address that can be written in another way.
  return new URL(endpoint).href === endpoint ? { endpoint, host, secret: new Secret(text) } : undefined
}

function readParts(text: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>()
  for (const part of text.split(';').map((piece) => piece.trim())) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = equals === -1 ? '' : part.slice(0, equals).trim().toLowerCase()
    if ((name === 'endpoint' || name === 'accesskey') && parts.has(name)) {
      fail(`The connection string has two parts "${name}=".`, 'copy it again, alone')
    }
    parts.set(name, part.slice(equals + 1).trim())
  }
  return parts
}

function readEndpoint(text: string): URL {
  const hint = 'it reads https://<resource>.communication.azure.com/'
  if (!/^https?:\/\//i.test(text)) {
    fail('The endpoint in the connection string does not begin with https://.', hint)
  }
  if (!URL.canParse(text)) fail('The endpoint in the connection string is not a valid address.', hint)
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') fail('The endpoint in the connection string has a user name.', hint)
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    fail('The endpoint in the connection string has something after the host name.', hint)
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    fail(
      'The endpoint in the connection string begins with http://, which would send it unencrypted.',
      'write https://; only an emulator on this machine may use http://',
    )
  }
  return url
}

function readAccessKey(key: string): string {
  const hint = 'copy it again from Keys in the Azure portal, to its very end'
  if (!/^[A-Za-z0-9+/=]*$/.test(key)) {
    fail('The access key in the connection string has characters that no key has.', hint)
  }
  if (!BASE64.test(key)) {
    fail('The access key in the connection string is not whole: it is not valid base64.', hint)
  }
  return key
}

function fail(message: string, hint: string): never {
  throw new UsageError(message, { code: 'invalid_connection_string', hint })
}
