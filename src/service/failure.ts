import { systemCode } from '../errors.ts'

/** What went wrong between us and the service, taken out of the SDK's error field by field. */
export interface Failure {
  readonly kind:
    | 'answer' // an error that the service reported
    | 'malformed' // an answer that makes no sense
    | 'redirect'
    | 'timeout'
    | 'refused'
    | 'broken' // the connection ended in the middle
    | 'unknown-host'
    | 'name-server' // the name could not be looked up right now
    | 'unreachable'
    | 'certificate'
    | 'no-tls'
    | 'proxy'
    | 'other'
  readonly status?: number | undefined
  /** The service's own code, or the system's. */
  readonly code?: string | undefined
  /** The service's sentence, cut but as it came: not to be printed raw. */
  readonly message?: string | undefined
  readonly retryAfterMs?: number | undefined
  /** The service's clock. */
  readonly date?: Date | undefined
}

const KINDS: ReadonlyMap<string, Failure['kind']> = new Map([
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
  ['ERR_INVALID_URL', 'proxy'],
  ['PARSE_ERROR', 'malformed'],
])

/** A sentence is a help; a page is none. */
const MAX_LENGTH = 150

const KIND_PATTERNS: readonly (readonly [RegExp, Failure['kind']])[] = [
  // What is wrong with a certificate has no common prefix; these are OpenSSL's verification codes and Node's own.
  [
    /^(?:CERT_|ERR_TLS_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERROR_IN_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/,
    'certificate',
  ],
  [/^(?:EPROTO$|ERR_SSL_)/, 'no-tls'],
  [/^HPE_/, 'malformed'],
]

/** Reads what the SDK threw. Never hands on its text beyond the service's own message: it may repeat the request. */
export function readFailure(error: unknown): Failure {
  const { statusCode, response, details } = asRecord(error)
  const headers = readHeaders(asRecord(response).headers)
  const retryAfterMs = headers === undefined ? undefined : readRetryAfterMs(headers)
  const date = readDate(headers?.get('date'))
  const code = systemCode(error)
  if (typeof statusCode === 'number' && code !== 'PARSE_ERROR') {
    const body = asRecord(asRecord(details).error)
    const { code: serviceCode, message } = body
    const kind = statusCode >= 300 && statusCode < 400 ? 'redirect' : statusCode < 300 ? 'malformed' : 'answer'
    return {
      kind,
      status: statusCode,
      code: shortened(serviceCode),
      message: shortened(message),
      retryAfterMs,
      date,
    }
  }
  if (code === undefined) return { kind: error instanceof TypeError ? 'malformed' : 'other' }
  const kind = KINDS.get(code) ?? KIND_PATTERNS.find(([pattern]) => pattern.test(code))?.[1] ?? 'other'
  const status = typeof statusCode === 'number' ? statusCode : readStatus(response)
  return { kind, code, status, retryAfterMs, date }
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
function readRetryAfterMs(headers: Headers): number | undefined {
  const milliseconds = headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms')
  if (milliseconds !== undefined && /^\d{1,12}$/.test(milliseconds)) return Number(milliseconds)
  const text = headers.get('retry-after')
  if (text === undefined) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const until = readDate(text)
  const from = readDate(headers.get('date'))
  return until === undefined ? undefined : Math.max(0, until.getTime() - (from?.getTime() ?? Date.now()))
}

interface Headers {
  get(name: string): string | undefined
}

function readHeaders(value: unknown): Headers | undefined {
  return typeof value === 'object' && value !== null && 'get' in value ? (value as Headers) : undefined
}

function readDate(text: string | undefined): Date | undefined {
  const date = new Date(text ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
