import { UsageError } from '../errors.ts'
import { Secret } from '../secret.ts'
import { findConnectionString } from './pasted/connection-string-in-text.ts'
import { connectionStringMistake, isDoubtfulEndpoint, type Mistake } from './pasted/connection-string-mistakes.ts'
import { unwrapPastedLine } from './pasted/pasted-line.ts'

/** A connection string that was understood. Its canonical text is what is stored and what every SDK reads. */
export interface ConnectionString {
  readonly kind: 'access-key'
  /** `https://<host>/` */
  readonly endpoint: string
  /** Host name, with the port where it is not the default one. */
  readonly host: string
  /** `endpoint=https://<host>/;accesskey=<key>` */
  readonly secret: Secret
}

export type { Mistake } from './pasted/connection-string-mistakes.ts'

/** Beyond any real one, which has 160 to 190 characters. */
const MAX_LENGTH = 4096
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/
/** Without counted repetitions, which take long to compile; the length of the parts is checked separately. */
const CANONICAL =
  /^endpoint=(https?:\/\/([a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d{1,5})?)\/);accesskey=((?:[A-Za-z\d+/]{4})+(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?)$/
const MAX_HOST_LENGTH = 259
const KEY_LENGTHS = { min: 40, max: 260 } as const
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/**
 * Understands a connection string as people have it: parts in any order and letter case, quotes or spaces around it, a
 * semicolon at the end, a whole `export …` or `setx …` line, or a longer text that holds one. Anything else is a
 * mistake, described without ever repeating the input.
 *
 * @param isFromShell whether a shell has handed it over, which may have cut it
 */
export function readConnectionString(pasted: string, isFromShell = false): ConnectionString | Mistake {
  const canonical = readCanonical(pasted.trim())
  // Copied from the portal it is as it should be; judging anything else takes a while.
  if (canonical !== undefined && !isDoubtfulEndpoint(canonical.endpoint)) return canonical
  const text = findConnectionString(pasted) ?? pasted
  if (text.length > MAX_LENGTH) {
    return { message: 'This is too long for a connection string.', hint: 'paste the connection string alone' }
  }
  const unwrapped = unwrapPastedLine(text)
  if (/^[{[]\s*["{]/.test(unwrapped)) {
    return {
      message: 'This is JSON; the connection string is wanted alone.',
      hint: 'let the Azure CLI print it with --query primaryConnectionString --output tsv',
    }
  }
  const parts = readParts(unwrapped)
  if (isMistake(parts)) return parts
  const mistake = connectionStringMistake(unwrapped, parts, isFromShell)
  if (mistake !== undefined) return mistake
  const url = readEndpoint(parts.get('endpoint') ?? '')
  if (isMistake(url)) return url
  const key = parts.get('accesskey') ?? ''
  const keyMistake = accessKeyMistake(key)
  if (keyMistake !== undefined) return keyMistake
  const endpoint = `${url.protocol}//${url.host}/`
  return { kind: 'access-key', endpoint, host: url.host, secret: new Secret(`endpoint=${endpoint};accesskey=${key}`) }
}

/** The same, where a mistake is an error: throws a `UsageError`. */
export function parseConnectionString(text: string, isFromShell = false): ConnectionString {
  const read = readConnectionString(text, isFromShell)
  if (isMistake(read)) throw new UsageError(read.message, { code: 'invalid_connection_string', hint: read.hint })
  return read
}

/** The same for the stored one, which hardly ever is anything but canonical: known at a glance, it need not be judged. */
export function readStoredConnectionString(text: string): ConnectionString | Mistake {
  return readCanonical(text) ?? readConnectionString(text)
}

/** Whether what was read is a mistake and not the value. */
export function isMistake(read: object): read is Mistake {
  return 'message' in read
}

/** Whether this host is this machine, the only one that may be spoken to without TLS. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname)
}

function readCanonical(text: string): ConnectionString | undefined {
  if (text.length > MAX_LENGTH) return undefined
  const [, endpoint, host, key] = CANONICAL.exec(text) ?? []
  if (endpoint === undefined || host === undefined || key === undefined) return undefined
  if (host.length > MAX_HOST_LENGTH || key.length < KEY_LENGTHS.min || key.length > KEY_LENGTHS.max) return undefined
  if (!URL.canParse(endpoint)) return undefined
  const url = new URL(endpoint)
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return undefined
  // A port that is the default one, or an address that can be written in another way.
  return url.href === endpoint ? { kind: 'access-key', endpoint, host, secret: new Secret(text) } : undefined
}

function readParts(text: string): ReadonlyMap<string, string> | Mistake {
  const parts = new Map<string, string>()
  for (const part of text.split(';').map((piece) => piece.trim())) {
    if (part === '') continue
    const equals = part.indexOf('=')
    const name = equals === -1 ? '' : part.slice(0, equals).trim().toLowerCase()
    if ((name === 'endpoint' || name === 'accesskey') && parts.has(name)) {
      return { message: `The connection string has two parts "${name}=".`, hint: 'copy it again, alone' }
    }
    parts.set(name, part.slice(equals + 1).trim())
  }
  return parts
}

function readEndpoint(text: string): URL | Mistake {
  const mistake = (what: string, hint = 'it reads https://<resource>.communication.azure.com/'): Mistake => ({
    message: `The endpoint in the connection string ${what}.`,
    hint,
  })
  if (!/^https?:\/\//i.test(text)) return mistake('does not begin with https://')
  if (!URL.canParse(text)) return mistake('is not a valid address')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') return mistake('has a user name')
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return mistake('has something after the host name')
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return mistake(
      'begins with http://, which would send it unencrypted',
      'write https://; only an emulator on this machine may use http://',
    )
  }
  return url
}

function accessKeyMistake(key: string): Mistake | undefined {
  const hint = 'copy it again from Keys in the Azure portal, to its very end'
  if (!/^[A-Za-z0-9+/=]*$/.test(key)) {
    return { message: 'The access key in the connection string has characters that no key has.', hint }
  }
  if (BASE64.test(key)) return undefined
  return { message: 'The access key in the connection string is not whole: it is not valid base64.', hint }
}
