import { describe, expect, it } from 'vitest'
import { findSignatureFault, hashContent, renderStringToSign, sign } from '../../src/emulator/signature.ts'

const KEY = Buffer.from(
  'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==',
  'base64',
)
const DATE = 'Mon, 01 Jan 2024 00:00:00 GMT'
const HOST = 'contoso.unitedstates.communication.azure.com'
const TARGET = '/identities?api-version=2023-10-01'
const BODY = Buffer.from('{"createTokenWithScopes":["chat","voip"],"expiresInMinutes":60}')
const HASH = 'jENEeifYNCidF9FcfXJ54WzhK3ED/2UrQyA4+oWOZKc='
const SIGNATURE = 'tM7JAvEjW9hQ8zbHt//bzpWZsaFEEg7c/23DDoxqO/c='
const PARTS = { method: 'POST', target: TARGET, date: DATE, host: HOST, contentHash: HASH }

const REQUEST = {
  method: 'POST',
  target: TARGET,
  body: BODY,
  headers: {
    host: HOST,
    'x-ms-date': DATE,
    'x-ms-content-sha256': HASH,
    authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${SIGNATURE}`,
  },
}

function minutesAfter(minutes: number): Date {
  return new Date(Date.parse(DATE) + minutes * 60_000)
}

describe('the signature', () => {
  it('matches the known answers', () => {
    expect(hashContent(Buffer.alloc(0))).toBe('47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=')
    expect(hashContent(BODY)).toBe(HASH)
    expect(renderStringToSign(PARTS)).toBe(`POST\n${TARGET}\n${DATE};${HOST};${HASH}`)
    expect(sign(PARTS, KEY)).toBe(SIGNATURE)
  })

  it('is accepted as the known answer', () => {
    expect(findSignatureFault(REQUEST, KEY, minutesAfter(0))).toBeUndefined()
  })

  it('is accepted from 15 minutes before to 15 minutes after its date, and no further', () => {
    expect(findSignatureFault(REQUEST, KEY, minutesAfter(15))).toBeUndefined()
    expect(findSignatureFault(REQUEST, KEY, minutesAfter(-15))).toBeUndefined()
    expect(findSignatureFault(REQUEST, KEY, minutesAfter(15.01))?.status).toBe(401)
    expect(findSignatureFault(REQUEST, KEY, minutesAfter(-15.01))?.status).toBe(401)
  })

  it('is refused where its text differs in bits that Base64 ignores', () => {
    const headers = { ...REQUEST.headers, authorization: REQUEST.headers.authorization.replace(/c=$/, 'd=') }
    const given = headers.authorization.slice(-44)
    expect(Buffer.from(given, 'base64')).toEqual(Buffer.from(SIGNATURE, 'base64'))
    expect(findSignatureFault({ ...REQUEST, headers }, KEY, minutesAfter(0))?.status).toBe(401)
  })
})
