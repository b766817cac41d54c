import type { Secret } from '../secret.ts'
import { isIdentityId } from './identity-id.ts'
import { isScope, type Scope } from './scopes.ts'

/** A token to store, and what its issuer said about it. */
export interface ObtainedToken {
  readonly token: Secret
  readonly userId: string | undefined
  readonly scopes: readonly Scope[]
  readonly expiresOn: Date
  /** Issued by this run. */
  readonly isNew: boolean
}

/** What an access token says of itself. Microsoft calls this non-contractual: a fallback, never the first source. */
export interface TokenClaims {
  readonly userId: string | undefined
  readonly scopes: readonly Scope[]
  readonly expiresOn: Date
  /** From its issue to its expiry; undefined where it does not say when it was issued. */
  readonly lifetimeMs: number | undefined
}

/**
 * Reads a token's claims without checking its signature. Undefined where it is not a whole token: three base64url
 * parts, an expiry that is a number, and for RS256 a signature of a possible size (a cut one is accepted by the SDKs
 * without a word).
 */
export function readTokenClaims(token: string): TokenClaims | undefined {
  const match = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token)
  const [, header, payload, signature] = match ?? []
  const algorithm = decodeObject(header)?.alg
  const claims = decodeObject(payload)
  if (claims === undefined || typeof claims.exp !== 'number' || signature === undefined) return undefined
  if (algorithm === 'RS256' && ![256, 384, 512].includes(Buffer.from(signature, 'base64url').length)) return undefined
  const { skypeid, acsScope, iat } = claims
  const expiresOn = new Date(claims.exp * 1000)
  if (Number.isNaN(expiresOn.getTime())) return undefined
  return {
    userId: isIdentityId(`8:${skypeid}`) ? `8:${skypeid}` : undefined,
    scopes: typeof acsScope === 'string' ? acsScope.split(',').filter(isScope) : [],
    expiresOn,
    lifetimeMs: typeof iat === 'number' && iat < claims.exp ? (claims.exp - iat) * 1000 : undefined,
  }
}

function decodeObject(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
