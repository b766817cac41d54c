import { type Answer, fieldRequired, validationError } from './service-errors.ts'

/** A token that was asked for in a valid way. */
export interface TokenRequest {
  readonly scopes: readonly string[]
  readonly expiresInMinutes: number
}

/** A body's fields, unchecked. */
export type Fields = Readonly<Record<string, unknown>>

// Scopes and limits: azure-rest-api-specs, CommunicationIdentity 2023-10-01.
const SCOPES: ReadonlySet<unknown> = new Set(['chat', 'voip', 'chat.join', 'chat.join.limited', 'voip.join'])
const SHORTEST_MINUTES = 60
const LONGEST_MINUTES = 1440

/** The request in the body of "issue token", or its refusal. */
export function parseIssueRequest({ scopes, expiresInMinutes }: Fields): TokenRequest | Answer {
  if (scopes === undefined || scopes === null) return fieldRequired('Scopes')
  return parseTokenRequest('Scopes', scopes, expiresInMinutes)
}

/** The token request in the body of "create user", its refusal, or undefined where no token is wanted. */
export function parseCreateRequest(fields: Fields): TokenRequest | Answer | undefined {
  const { createTokenWithScopes: scopes, expiresInMinutes } = fields
  // A missing field asks for no token (.NET sends {}), but null is refused: both are in the SDKs' recordings.
  if (scopes === undefined) return undefined
  if (scopes === null) return validationError('CreateTokenWithScopes value is missing.', 'CreateTokenWithScopes')
  return parseTokenRequest('CreateTokenWithScopes', scopes, expiresInMinutes)
}

function parseTokenRequest(field: string, scopes: unknown, minutes: unknown): TokenRequest | Answer {
  // No recording shows an empty list or an unknown scope: these two wordings are ours.
  if (!Array.isArray(scopes) || scopes.length === 0) return validationError(`${field} value is missing.`, field)
  const unknown: unknown = scopes.find((scope) => !SCOPES.has(scope))
  if (unknown !== undefined) return validationError(`${field} value ${renderValue(unknown)} is invalid.`, field)
  const expiresInMinutes = minutes ?? LONGEST_MINUTES
  if (!isLifetime(expiresInMinutes)) {
    const interval = `[${SHORTEST_MINUTES}, ${LONGEST_MINUTES}]`
    const message = `ExpiresInMinutes value ${renderValue(minutes)} is invalid. Value must be within the ${interval} interval.`
    return validationError(message, 'ExpiresInMinutes')
  }
  return { scopes, expiresInMinutes }
}

function isLifetime(minutes: unknown): minutes is number {
  return Number.isInteger(minutes) && Number(minutes) >= SHORTEST_MINUTES && Number(minutes) <= LONGEST_MINUTES
}

function renderValue(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
