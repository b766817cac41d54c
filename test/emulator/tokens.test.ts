import { verify } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { createSigningKey, type Grant, renderToken, type SigningKey } from '../../src/emulator/tokens.ts'

const RESOURCE = '05d441b3-0000-4000-8000-00000000abcd'
const USER = '00000025-4558-97df-c40f-6b3a0d005422'
const ALL_SCOPES = ['chat', 'chat.join', 'chat.join.limited', 'voip', 'voip.join']

let key: SigningKey

beforeAll(async () => {
  key = await createSigningKey()
})

function grant(scopes: readonly string[]): Grant {
  const issuedOn = new Date('2025-01-27T01:53:43.123Z')
  const expiresOn = new Date('2025-01-28T01:53:43.123Z')
  return { skypeId: `acs:${RESOURCE}_${USER}`, scopes, issuedOn, expiresOn }
}

function decode(part: string): string {
  return Buffer.from(part, 'base64url').toString()
}

describe('a token', () => {
  it('has the header and claims of a real one, in their order, and jti', () => {
    const [header, claims] = renderToken(grant(['chat', 'voip']), RESOURCE, 1, key)
      .token.split('.')
      .map(decode)
    expect(header).toMatch(/^\{"alg":"RS256","kid":"[\dA-F]{40}","x5t":"[\w-]{27}","typ":"JWT"\}$/)
    expect(claims).toBe(
      `{"skypeid":"acs:${RESOURCE}_${USER}","scp":1792,"csi":"1737942823","exp":1738029223,"rgn":"in",` +
        `"acsScope":"chat,voip","resourceId":"${RESOURCE}","resourceLocation":"india","iat":1737942823,"jti":"000001"}`,
    )
  })

  it('calls its key by one thumbprint in two encodings', () => {
    expect(Buffer.from(key.kid, 'hex')).toEqual(Buffer.from(key.x5t, 'base64url'))
  })

  it('is signed with RS256 by the key of the run', () => {
    const [header, claims, signature = ''] = renderToken(grant(['chat']), RESOURCE, 1, key).token.split('.')
    const content = Buffer.from(`${header}.${claims}`)
    expect(signature).toHaveLength(342)
    expect(verify('sha256', content, key.publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(
      verify('sha256', Buffer.from(`${header}.x${claims}`), key.publicKey, Buffer.from(signature, 'base64url')),
    ).toBe(false)
  })

  it('differs from the next one granted alike, though RS256 is deterministic', () => {
    const tokens = [1, 1, 2].map((serial) => renderToken(grant(['chat']), RESOURCE, serial, key).token)
    expect(tokens[1]).toBe(tokens[0])
    expect(tokens[2]).not.toBe(tokens[0])
  })

  it.each([
    [['chat'], 865],
    [['chat', 'voip'], 872],
    [ALL_SCOPES, 922],
  ])('for %j is %i characters long, within the range of real ones', (scopes, length) => {
    expect(renderToken(grant(scopes), RESOURCE, 1, key).token).toHaveLength(length)
  })

  it('expires with seven fractional digits and an offset', () => {
    expect(renderToken(grant(['chat']), RESOURCE, 1, key).expiresOn).toBe('2025-01-28T01:53:43.1230000+00:00')
  })

  it('for a Teams user has the other scp and the claims that repeat the exchanged token', () => {
    const teams = { tid: 'tenant', aad_iat: '1737942000', aad_uti: undefined, aad_appid: 'app' }
    const { token } = renderToken({ ...grant(['chat', 'voip']), skypeId: `orgid:${USER}`, teams }, RESOURCE, 1, key)
    expect(JSON.parse(decode(token.split('.')[1] ?? ''))).toMatchObject({
      skypeid: `orgid:${USER}`,
      scp: 1024,
      tid: 'tenant',
      aad_iat: '1737942000',
      aad_appid: 'app',
      acsScope: 'chat,voip',
    })
  })
})
