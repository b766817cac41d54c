import { parseObject } from './json-object.ts'

/** What the exchange reads from the Entra ID token of a Teams user. */
export interface TeamsToken {
  readonly appId: string
  readonly userId: string
  readonly expiresOn: Date
  /** Claims the exchanged token repeats. */
  readonly repeated: Readonly<Record<string, string | undefined>>
}

/** Reads a JWT without checking its signature, so that tests can make their own; undefined where it is malformed. */
export function parseTeamsToken(token: unknown): TeamsToken | undefined {
  if (typeof token !== 'string') return undefined
  const [, payload, signature] = token.split('.')
  if (payload === undefined || signature === undefined) return undefined
  const claims = parseObject(Buffer.from(payload, 'base64url').toString())
  if (claims === undefined) return undefined
  const { exp, oid, appid = claims['azp'] } = claims
  if (typeof exp !== 'number' || typeof oid !== 'string' || typeof appid !== 'string') return undefined
  return {
    appId: appid,
    userId: oid,
    expiresOn: new Date(exp * 1000),
    repeated: {
      tid: toText(claims['tid']),
      aad_iat: toText(claims['iat']),
      aad_uti: toText(claims['uti']),
      aad_appid: appid,
    },
  }
}

function toText(claim: unknown): string | undefined {
  return typeof claim === 'string' || typeof claim === 'number' ? String(claim) : undefined
}
