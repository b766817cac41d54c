import { createHash, generateKeyPair, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'

/** The key of one run, with the names its tokens call it by. */
export interface SigningKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** SHA-1 thumbprint, upper-case hex. */
  readonly kid: string
  /** The same thumbprint, Base64url. */
  readonly x5t: string
}

/** The body of an answer that carries a token. */
export interface AccessToken {
  readonly token: string
  readonly expiresOn: string
}

/** Who a token is for, and how long. */
export interface Grant {
  /** `acs:<resource>_<user>` or `orgid:<user>`: the identity without its leading `8:`. */
  readonly skypeId: string
  readonly scopes: readonly string[]
  readonly issuedOn: Date
  readonly expiresOn: Date
  /** Claims that only tokens for Teams users have. */
  readonly teams?: Readonly<Record<string, string | undefined>> | undefined
}

const SCP_ACS_USER = 1792
const SCP_TEAMS_USER = 1024

/** Makes a key pair; takes a tenth of a second or more, off the main thread. */
export async function createSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const thumbprint = createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
  return {
    privateKey,
    publicKey,
    kid: thumbprint.toString('hex').toUpperCase(),
    x5t: thumbprint.toString('base64url'),
  }
}

/** The signed token for a grant; `serial` must differ from one token to the next. */
export function renderToken(grant: Grant, resourceId: string, serial: number, key: SigningKey): AccessToken {
  const header = { alg: 'RS256', kid: key.kid, x5t: key.x5t, typ: 'JWT' }
  const content = `${encode(header)}.${encode(renderClaims(grant, resourceId, serial))}`
  const signature = sign('sha256', Buffer.from(content), key.privateKey).toString('base64url')
  return { token: `${content}.${signature}`, expiresOn: renderTime(grant.expiresOn) }
}

// Names, order and types are those of public expired tokens; the India region keeps `jti` within their length.
function renderClaims({ skypeId, scopes, issuedOn, expiresOn, teams }: Grant, resourceId: string, serial: number) {
  return {
    skypeid: skypeId,
    scp: teams === undefined ? SCP_ACS_USER : SCP_TEAMS_USER,
    csi: String(toSeconds(issuedOn)),
    exp: toSeconds(expiresOn),
    rgn: 'in',
    ...teams,
    acsScope: scopes.join(','),
    resourceId,
    resourceLocation: 'india',
    iat: toSeconds(issuedOn),
    // RS256 gives equal claims equal tokens; `jti` is the claim RFC 7519 has for this, and decoders skip it.
    jti: serial.toString(36).padStart(6, '0'),
  }
}

function renderTime(date: Date): string {
  return date.toISOString().replace('Z', '0000+00:00')
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000)
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
