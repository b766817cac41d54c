/** The claims of a Teams user's Entra token that matter to the exchange. */
export interface EntraClaims {
  readonly appid: string
  readonly oid: string
  readonly exp: number
}

export const ENTRA_APPLICATION = '11111111-2222-3333-4444-555555555555'
export const ENTRA_USER = '99999999-8888-7777-6666-555555555555'

/** A token as Entra issues them, good for an hour unless said otherwise; its signature is none. */
export function makeEntraToken(claims: Partial<EntraClaims> = {}): string {
  const inAnHour = Math.floor(Date.now() / 1000) + 3600
  const all = { tid: ENTRA_APPLICATION, appid: ENTRA_APPLICATION, oid: ENTRA_USER, exp: inAnHour, ...claims }
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(all)}.${'c2ln'.repeat(85)}`
}
