import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../src/emulator/server.ts'
import { accessKeyOf, type RawRequest, send, VERSION } from './raw-request.ts'

const DENIED = '{"error":{"code":"Denied","message":"Denied by the resource provider."}}'
const OTHER_HASH = `{"error":{"code":"Denied","message":"Request 'x-ms-content-sha256' differs from generated content hash."}}`
const NOT_OWNED = `{"error":{"code":"IdentityNotOwned","message":"Provided identity doesn't belong to the resource."}}`
const AN_HOUR_MS = 3_600_000

let emulator: Emulator

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
})

afterAll(() => emulator.close())

async function createUser(): Promise<string> {
  const { text } = await send(emulator)
  return (JSON.parse(text) as { identity: { id: string } }).identity.id
}

function pathOf(id: string, operation = ''): string {
  return `/identities/${encodeURIComponent(id)}${operation}${VERSION}`
}

describe('an answer', () => {
  it('to a created user is 201 with the identity alone, and the headers of the service', async () => {
    const { status, headers, text } = await send(emulator, { headers: { 'x-ms-client-request-id': 'my-id' } })
    expect(status).toBe(201)
    expect(text).toMatch(/^\{"identity":\{"id":"8:acs:[\da-f-]{36}_[\da-f-]{36}"\}\}$/)
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': '101',
      'x-ms-client-request-id': 'my-id',
      'ms-cv': expect.stringMatching(/^[A-Za-z\d+/]{22}\.0$/) as string,
      'x-processing-time': expect.stringMatching(/^\d+ms$/) as string,
      'api-supported-versions': expect.stringContaining('2022-10-01, 2023-10-01') as string,
    })
    expect(headers).not.toHaveProperty('strict-transport-security')
  })

  it('to a user with a token holds both, with seven fractional digits in the time', async () => {
    const { status, text } = await send(emulator, { body: '{"createTokenWithScopes":["chat","voip"]}' })
    expect(status).toBe(201)
    expect(text).toMatch(
      /^\{"identity":\{"id":"8:acs:\S{73}"\},"accessToken":\{"token":"[\w.-]{872}","expiresOn":"[\d-]{10}T[\d:]{8}\.\d{7}\+00:00"\}\}$/,
    )
  })

  it('to an issued token is 200, to revoked tokens and a deleted user 204 without a body', async () => {
    const id = await createUser()
    const issued = await send(emulator, { path: pathOf(id, '/:issueAccessToken'), body: '{"scopes":["chat"]}' })
    expect(issued.status).toBe(200)
    expect(Object.keys(JSON.parse(issued.text) as object)).toEqual(['token', 'expiresOn'])
    const revoked = await send(emulator, { path: pathOf(id, '/:revokeAccessTokens') })
    expect(revoked).toMatchObject({ status: 204, text: '' })
    expect(await send(emulator, { method: 'DELETE', path: pathOf(id) })).toMatchObject({ status: 204, text: '' })
  })

  it('carries the emulator’s time, right or wrong', async () => {
    const now = new Date('2030-01-02T03:04:05Z')
    const fast = await startEmulator({ port: 0, now: () => now })
    try {
      const { status, headers } = await send(fast)
      expect(status).toBe(401)
      expect(headers.date).toBe('Wed, 02 Jan 2030 03:04:05 GMT')
      expect(await send(fast, { date: now.toUTCString() })).toMatchObject({ status: 201 })
    } finally {
      await fast.close()
    }
  })
})

describe('a body', () => {
  it.each([
    [
      'with spaces and null, as Python writes it',
      '{"createTokenWithScopes": ["chat", "voip"], "expiresInMinutes": null}',
      201,
    ],
    ['that is an empty object, as .NET writes it', '{}', 201],
    ['with null instead of scopes', '{"createTokenWithScopes": null}', 400],
    ['with fields unknown here', '{"createTokenWithScopes":["chat"],"new":{}}', 201],
    ['with scopes that are no list', '{"createTokenWithScopes":"chat"}', 400],
    ['with a scope that is no text', '{"createTokenWithScopes":[null]}', 400],
    ['with a lifetime that is text', '{"createTokenWithScopes":["chat"],"expiresInMinutes":"60"}', 400],
    ['that is cut', '{"createTokenWithScopes":["chat"]', 400],
    ['that is a list', '[]', 400],
    ['that is null', 'null', 400],
    ['that is no JSON', '\u0000\uFFFD\u0001', 400],
  ])('%s', async (_name, body, status) => {
    expect(await send(emulator, { body })).toMatchObject({ status })
  })

  it('of "issue token" may have null for the lifetime, but not for the scopes, and must be there', async () => {
    const path = pathOf(await createUser(), '/:issueAccessToken')
    expect(await send(emulator, { path, body: '{"scopes": ["chat"], "expiresInMinutes": null}' })).toMatchObject({
      status: 200,
    })
    expect(await send(emulator, { path, body: '{"scopes": null}' })).toMatchObject({
      status: 400,
      text: '{"error":{"code":"ValidationError","message":"Scopes: The Scopes field is required.","target":"Scopes"}}',
    })
    expect(await send(emulator, { path })).toMatchObject({ status: 400 })
    expect(await send(emulator, { path: `/teamsUser/:exchangeAccessToken${VERSION}` })).toMatchObject({ status: 400 })
  })

  it('of up to 64 KiB is read, of more answered with 413', async () => {
    const body = `{"createTokenWithScopes":["chat"],"x":"${'x'.repeat(64 * 1024)}`.slice(0, 64 * 1024 - 2) + '"}'
    expect(body).toHaveLength(64 * 1024)
    expect(await send(emulator, { body })).toMatchObject({ status: 201 })
    expect(await send(emulator, { body: `${body} ` })).toMatchObject({ status: 413 })
    expect(await send(emulator, { body: 'x'.repeat(8 * 1024 * 1024) })).toMatchObject({ status: 413 })
  })
})

describe('a signature', () => {
  it.each([
    ['by another key', { accessKey: Buffer.alloc(64).toString('base64') }, DENIED],
    ['over another path', { signed: { path: `/identities/x${VERSION}` } }, DENIED],
    ['over another host', { signed: { host: 'contoso.communication.azure.com' } }, DENIED],
    ['over another date', { signed: { date: new Date(0).toUTCString() } }, DENIED],
    ['over another body', { body: '{}', signed: { body: '' } }, OTHER_HASH],
    ['an hour old', { date: new Date(Date.now() - AN_HOUR_MS).toUTCString() }, DENIED],
    ['an hour ahead', { date: new Date(Date.now() + AN_HOUR_MS).toUTCString() }, DENIED],
    ['with a date that is none', { date: 'yesterday' }, DENIED],
    ['that is missing', { headers: { Authorization: undefined } }, DENIED],
    ['that is a bearer token', { headers: { Authorization: 'Bearer x' } }, DENIED],
    [
      'that is empty',
      { headers: { Authorization: 'HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=' } },
      DENIED,
    ],
    ['without its date header', { headers: { 'x-ms-date': undefined } }, DENIED],
    ['without its hash header', { headers: { 'x-ms-content-sha256': undefined } }, DENIED],
  ] satisfies [string, RawRequest, string][])('%s is refused', async (_name, raw, text) => {
    expect(await send(emulator, raw)).toMatchObject({
      status: 401,
      text,
      headers: { 'content-type': 'application/json' },
    })
  })

  it('may cover Date instead of x-ms-date', async () => {
    expect(await send(emulator, { dateHeader: 'date' })).toMatchObject({ status: 201 })
  })

  it('covers the identity as received, encoded or not', async () => {
    const id = await createUser()
    const encoded = pathOf(id, '/:revokeAccessTokens')
    const plain = `/identities/${id}/:revokeAccessTokens${VERSION}`
    expect(encoded).not.toBe(plain)
    expect(await send(emulator, { path: encoded })).toMatchObject({ status: 204 })
    expect(await send(emulator, { path: plain })).toMatchObject({ status: 204 })
    expect(await send(emulator, { path: encoded, signed: { path: plain } })).toMatchObject({
      status: 401,
      text: DENIED,
    })
  })
})

describe('a request', () => {
  it.each([
    ['GET', '/', 404],
    ['POST', '/', 404],
    ['POST', `/identities/${VERSION}`, 404],
    ['POST', `/identities/x/:unknown${VERSION}`, 404],
    ['GET', `/identities${VERSION}`, 405],
    ['PUT', `/identities/x${VERSION}`, 405],
    ['GET', `/teamsUser/:exchangeAccessToken${VERSION}`, 405],
    ['HEAD', `/identities${VERSION}`, 405],
    ['OPTIONS', `/identities${VERSION}`, 405],
  ])('%s %s is answered with %i', async (method, path, status) => {
    expect(await send(emulator, { method, path })).toMatchObject({ status })
  })

  it('with a method that the path lacks gets the list of those it has', async () => {
    expect((await send(emulator, { method: 'GET', path: pathOf('x') })).headers).toMatchObject({ allow: 'DELETE' })
  })

  it.each(['2023-10-01', '2022-10-01', '2021-03-07', '2025-06-30'])('may be of version %s', async (version) => {
    expect(await send(emulator, { path: `/identities?api-version=${version}` })).toMatchObject({ status: 201 })
  })

  it('must be of a version the operation knows', async () => {
    const { status, text } = await send(emulator, { path: '/identities?api-version=1999-01-01' })
    expect(status).toBe(400)
    expect(JSON.parse(text)).toEqual({
      error: {
        code: 'UnsupportedApiVersion',
        message: `The HTTP resource that matches the request URI '${emulator.endpoint}identities' does not support the API version '1999-01-01'.`,
      },
    })
    expect(await send(emulator, { path: '/identities' })).toMatchObject({ status: 400 })
    const teams = '/teamsUser/:exchangeAccessToken?api-version=2021-03-07'
    expect(await send(emulator, { path: teams, body: '{}' })).toMatchObject({ status: 400 })
  })

  it.each(['8:acs:nobody', 'x'.repeat(5000), '../identities', '%'])('for the identity %s is refused', async (id) => {
    expect(await send(emulator, { method: 'DELETE', path: pathOf(id) })).toMatchObject({ status: 401, text: NOT_OWNED })
  })

  it.each(['%', '%zz', '%E0%A4%A', '%00'])('for the badly encoded identity %s is refused', async (id) => {
    const path = `/identities/${id}${VERSION}`
    expect(await send(emulator, { method: 'DELETE', path })).toMatchObject({ status: 401, text: NOT_OWNED })
  })
})

describe('a resource', () => {
  it('is the same for the same key in another run, but its identities are gone', async () => {
    const id = await createUser()
    const again = await startEmulator({ port: 0, accessKey: accessKeyOf(emulator) })
    try {
      const { text } = await send(again)
      expect(text).toContain(`"8:acs:${id.slice('8:acs:'.length).split('_')[0]}_`)
      expect(await send(again, { method: 'DELETE', path: pathOf(id) })).toMatchObject({ status: 401, text: NOT_OWNED })
    } finally {
      await again.close()
    }
  })

  it('is another for another key, and does not own the first one’s identities', async () => {
    const id = await createUser()
    const other = await startEmulator({ port: 0 })
    try {
      expect(accessKeyOf(other)).not.toBe(accessKeyOf(emulator))
      expect((await send(other)).text).not.toContain(id.slice('8:acs:'.length).split('_')[0])
      expect(await send(other, { method: 'DELETE', path: pathOf(id) })).toMatchObject({ status: 401, text: NOT_OWNED })
    } finally {
      await other.close()
    }
  })
})
