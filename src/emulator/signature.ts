import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Answer, BODY_NOT_AS_SIGNED, DENIED } from './service-errors.ts'

/** A request as it came over the wire; `target` is the path and query with nothing decoded. */
export interface ReceivedRequest {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What the client and the service both sign. */
export interface SignedParts {
  readonly method: string
  readonly target: string
  readonly date: string
  readonly host: string
  readonly contentHash: string
}

// `date` is what SDKs before 2021 signed; scheme: learn.microsoft.com/rest/api/communication/authentication.
const AUTHORIZATION = /^HMAC-SHA256 SignedHeaders=(x-ms-date|date);host;x-ms-content-sha256&Signature=(.+)$/i

// Azure documents no tolerance here; this is the one App Configuration documents for the same scheme.
const CLOCK_TOLERANCE_MS = 15 * 60 * 1000

/** The refusal of a request that does not prove possession of the access key, or undefined where it does. */
export function findSignatureFault(request: ReceivedRequest, accessKey: Buffer, now: Date): Answer | undefined {
  const { method, target, headers, body } = request
  const [, dateHeader, signature] = AUTHORIZATION.exec(headers.authorization ?? '') ?? []
  if (dateHeader === undefined || signature === undefined) return DENIED
  const date = headers[dateHeader.toLowerCase()]
  const contentHash = headers['x-ms-content-sha256']
  if (typeof date !== 'string' || typeof contentHash !== 'string' || headers.host === undefined) return DENIED
  if (!isNear(date, now)) return DENIED
  if (!isSameText(contentHash, hashContent(body))) return BODY_NOT_AS_SIGNED
  const expected = sign({ method, target, date, host: headers.host, contentHash }, accessKey)
  return isSameText(signature, expected) ? undefined : DENIED
}

/** The Base64 HMAC-SHA256 over the string to sign. */
export function sign(parts: SignedParts, accessKey: Buffer): string {
  return createHmac('sha256', accessKey).update(renderStringToSign(parts)).digest('base64')
}

/** The string to sign: verb, target and the signed headers' values. */
export function renderStringToSign({ method, target, date, host, contentHash }: SignedParts): string {
  return `${method.toUpperCase()}\n${target}\n${date};${host};${contentHash}`
}

/** The value `x-ms-content-sha256` must have for this body. */
export function hashContent(body: Buffer): string {
  return createHash('sha256').update(body).digest('base64')
}

// Compared as text: decoding Base64 would let signatures pass that differ in their unused last bits.
function isSameText(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function isNear(date: string, now: Date): boolean {
  return Math.abs(Date.parse(date) - now.getTime()) <= CLOCK_TOLERANCE_MS
}
