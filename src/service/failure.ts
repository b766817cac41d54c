import { systemCode } from '../errors.ts'

/** Whose connection it was about: that to the proxy, or the one to the service, through a tunnel perhaps. */
export type Peer = 'proxy' | 'service'

/** The connection could not be made, or broke. */
interface NetworkFailure {
  readonly kind: 'network'
  readonly trouble:
    | 'timeout'
    | 'refused'
    | 'broken' // it ended in the middle
    | 'unknown-host'
    | 'name-server' // the name could not be looked up right now
    | 'unreachable'
    | 'no-tls'
    | 'other'
  readonly peer: Peer
  /** Whether the request may have arrived. */
  readonly mayBeSent: boolean
  /** The system's own. */
  readonly code: string | undefined
}

interface CertificateFailure {
  readonly kind: 'certificate'
  readonly problem: 'expired' | 'not-yet-valid' | 'other-name' | 'untrusted'
  readonly peer: Peer
  readonly code: string
}

/** The proxy made no tunnel; nothing has reached the service. */
interface ProxyFailure {
  readonly kind: 'proxy-answer'
  readonly status: number
  /** The ways to sign in that it offers, as `basic` and `ntlm`. */
  readonly schemes: readonly string[]
  readonly retryAfterMs: number | undefined
}

/** An error that the service reported. */
interface AnswerFailure {
  readonly kind: 'answer'
  readonly status: number
  /** The service's own code. */
  readonly code: string | undefined
  /** The service's sentence, cut but as it came: not to be printed raw. */
  readonly message: string | undefined
  readonly retryAfterMs: number | undefined
  /** The service's clock. */
  readonly date: Date | undefined
}

/** The service issued a token that cannot be right, or this computer's clock cannot. */
export interface TokenFailure {
  readonly kind: 'token'
  readonly problem: 'expired' | 'too-long' | 'clock'
  /** How far this computer's clock is ahead of the service's; undefined where the service did not tell the time. */
  readonly clockAheadMs: number | undefined
}

/** What went wrong between us and the service, taken out of foreign errors field by field. */
export type Failure =
  | NetworkFailure
  | CertificateFailure
  | ProxyFailure
  /** What the proxy answers is no HTTP. */
  | { readonly kind: 'proxy-garbage' }
  | AnswerFailure
  /** Somebody else answered in the place of the service, inside the tunnel too: a firewall that looks into TLS. */
  | { readonly kind: 'intermediary'; readonly status: number; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'redirect' }
  /** An answer that makes no sense. */
  | { readonly kind: 'malformed'; readonly status?: number | undefined; readonly retryAfterMs?: number | undefined }
  | TokenFailure

const TROUBLES: ReadonlyMap<string, NetworkFailure['trouble']> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'broken'],
  ['EPIPE', 'broken'],
  ['ENOTFOUND', 'unknown-host'],
  ['ENODATA', 'unknown-host'],
  ['EAI_AGAIN', 'name-server'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['ETIMEDOUT', 'timeout'],
])

const CERTIFICATE_PROBLEMS: ReadonlyMap<string, CertificateFailure['problem']> = new Map([
  ['CERT_HAS_EXPIRED', 'expired'],
  ['CERT_NOT_YET_VALID', 'not-yet-valid'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'other-name'],
  ['HOSTNAME_MISMATCH', 'other-name'],
])

/** What is wrong with a certificate has no common prefix; these are OpenSSL's verification codes and Node's own. */
const CERTIFICATE_CODE =
  /^(?:CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERROR_IN_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/

/** Each answer of the service has one of these; x-azure-ref comes from the Azure Front Door before it. */
const SERVICE_HEADERS = [
  'api-supported-versions',
  'ms-cv',
  'x-azure-ref',
  'x-ms-client-request-id',
  'x-processing-time',
]

/** A sentence is a help; a page is none. */
const MAX_LENGTH = 150

/** Reads why a connection failed, or ended before an answer was there. */
export function readConnectionFailure(error: unknown, peer: Peer, mayBeSent: boolean): Failure {
  const code = systemCode(error)
  if (code !== undefined && CERTIFICATE_CODE.test(code)) {
    return { kind: 'certificate', problem: CERTIFICATE_PROBLEMS.get(code) ?? 'untrusted', peer, code }
  }
  // Node's parser of HTTP.
  if (code?.startsWith('HPE_')) return peer === 'proxy' ? { kind: 'proxy-garbage' } : { kind: 'malformed' }
  const isTls = code === 'EPROTO' || code?.startsWith('ERR_SSL_') === true
  const trouble = isTls ? 'no-tls' : (TROUBLES.get(code ?? '') ?? 'other')
  return { kind: 'network', trouble, peer, mayBeSent, code }
}

/**
 * Reads what the SDK threw once the connection stood. Never hands on its text beyond the service's own message: it may
 * repeat the request.
 *
 * @param isProxied whether a proxy stands between: one that looks into TLS answers in the place of the service
 */
export function readFailure(error: unknown, isProxied: boolean): Failure {
  const { statusCode, response, details } = asRecord(error)
  const headers = readHeaders(asRecord(response).headers)
  const retryAfterMs = headers === undefined ? undefined : readRetryAfterMs(headers)
  const code = systemCode(error)
  const status = typeof statusCode === 'number' ? statusCode : readStatus(response)
  const body = asRecord(asRecord(details).error)
  if (status !== undefined && status >= 400 && isOfAnother(headers, body, isProxied)) {
    return { kind: 'intermediary', status, retryAfterMs }
  }
  if (code === 'PARSE_ERROR') return { kind: 'malformed', status, retryAfterMs }
  if (typeof statusCode === 'number') {
    if (statusCode < 300) return { kind: 'malformed' }
    if (statusCode < 400) return { kind: 'redirect' }
    return {
      kind: 'answer',
      status: statusCode,
      code: shortened(body.code),
      message: shortened(body.message),
      retryAfterMs,
      date: readDate(headers?.get('date')),
    }
  }
  if (code === undefined && error instanceof TypeError) return { kind: 'malformed' }
  return readConnectionFailure(error, 'service', true)
}

/** Whether an error comes from something else than the service: it lacks its marks, and is a page or came by a proxy. */
function isOfAnother(headers: Headers | undefined, body: Record<string, unknown>, isProxied: boolean): boolean {
  if (typeof body.code === 'string') return false
  if (SERVICE_HEADERS.some((name) => headers?.get(name) !== undefined)) return false
  return isProxied || /^text\/html\b/i.test(headers?.get('content-type') ?? '')
}

/** Without what may be a secret: a service can repeat what it was sent, and knows the key. */
function shortened(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined
  const masked = text.replaceAll(/[\w%+/.=-]{40,}/g, '…')
  return masked.length > MAX_LENGTH ? `${masked.slice(0, MAX_LENGTH)}…` : masked
}

function readStatus(response: unknown): number | undefined {
  const { status } = asRecord(response)
  return typeof status === 'number' ? status : undefined
}

/** `Retry-After` is a number of seconds or a date; `retry-after-ms` and its x-ms twin are Azure's own. */
export function readRetryAfterMs(headers: Headers): number | undefined {
  const milliseconds = headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms')
  if (milliseconds !== undefined && /^\d{1,12}$/.test(milliseconds)) return Number(milliseconds)
  const text = headers.get('retry-after')
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const until = readDate(text)
  const from = readDate(headers.get('date'))
  return until === undefined ? undefined : Math.max(0, until.getTime() - (from?.getTime() ?? Date.now()))
}

export interface Headers {
  get(name: string): string | undefined
}

function readHeaders(value: unknown): Headers | undefined {
  return typeof value === 'object' && value !== null && 'get' in value ? (value as Headers) : undefined
}

/** A date as HTTP writes it, "Sun, 06 Nov 1994 08:49:37 GMT"; `Date` alone takes "-5" for a day of 2001. */
export function readDate(text: string | undefined): Date | undefined {
  if (text === undefined || !/^\w{3}, .* GMT$/.test(text)) return undefined
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
