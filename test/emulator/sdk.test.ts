import { CommunicationIdentityClient, type TokenScope } from '@azure/communication-identity'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../src/emulator/server.ts'

const OPTIONS = { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } }
const USER_ID = /^8:acs:[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}_[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/
const APP_ID = '11111111-2222-3333-4444-555555555555'
const OBJECT_ID = 'aaaaaaaa-BBBB-cccc-dddd-eeeeeeeeeeee'
const OTHER_ID = '99999999-2222-3333-4444-555555555555'
const UNKNOWN = {
  communicationUserId: '8:acs:00000000-0000-0000-0000-000000000000_00000000-0000-0000-0000-000000000000',
}
const NOT_OWNED = {
  statusCode: 401,
  code: 'IdentityNotOwned',
  message: "Provided identity doesn't belong to the resource.",
}
const NOT_VALID = { statusCode: 401, code: 'InvalidAccessToken', message: 'Provided access token is not valid.' }

let emulator: Emulator
let client: CommunicationIdentityClient

beforeAll(async () => {
  emulator = await startEmulator({ port: 0 })
  client = new CommunicationIdentityClient(emulator.connectionString, OPTIONS)
})

afterAll(() => emulator.close())

function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

function jwt(claims: object): string {
  return `${encode({ alg: 'none' })}.${encode(claims)}.`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function scopes(...names: string[]): TokenScope[] {
  return names as TokenScope[]
}

describe('the JavaScript SDK', () => {
  it('creates users, each with an id of its own', async () => {
    const [one, two] = [await client.createUser(), await client.createUser()]
    expect(one.communicationUserId).toMatch(USER_ID)
    expect(two.communicationUserId).toMatch(USER_ID)
    expect(two.communicationUserId).not.toBe(one.communicationUserId)
  })

  it('creates a user and a token of 24 hours in one request', async () => {
    const before = Date.now()
    const { user, token, expiresOn } = await client.createUserAndToken(['chat', 'voip'])
    const hours = (expiresOn.getTime() - before) / 3_600_000
    expect(hours).toBeGreaterThanOrEqual(24)
    expect(hours).toBeLessThan(24.01)
    expect(claimsOf(token)).toMatchObject({
      skypeid: user.communicationUserId.slice(2),
      scp: 1792,
      acsScope: 'chat,voip',
      exp: Math.floor(expiresOn.getTime() / 1000),
      resourceId: user.communicationUserId.slice('8:acs:'.length).split('_')[0],
    })
  })

  it.each([60, 1440])('creates a token of %i minutes', async (minutes) => {
    const before = Date.now()
    const { expiresOn } = await client.createUserAndToken(['chat'], { tokenExpiresInMinutes: minutes })
    expect(Math.floor((expiresOn.getTime() - before) / 60_000)).toBe(minutes)
  })

  it('gets a token for a user it made, with the scopes in the order asked for', async () => {
    const user = await client.createUser()
    const { token, expiresOn } = await client.getToken(user, ['voip.join', 'chat.join'], { tokenExpiresInMinutes: 90 })
    const claims = claimsOf(token)
    expect(claims).toMatchObject({ skypeid: user.communicationUserId.slice(2), acsScope: 'voip.join,chat.join' })
    expect(Number(claims['exp']) - Number(claims['csi'])).toBe(90 * 60)
    expect(expiresOn.getTime()).toBeGreaterThan(Date.now())
  })

  it('revokes tokens, and the user stays', async () => {
    const { user } = await client.createUserAndToken(['chat'])
    await client.revokeTokens(user)
    await expect(client.getToken(user, ['chat'])).resolves.toHaveProperty('token')
  })

  it('deletes a user, and the user is gone', async () => {
    const user = await client.createUser()
    await client.deleteUser(user)
    await expect(client.getToken(user, ['chat'])).rejects.toMatchObject(NOT_OWNED)
    await expect(client.revokeTokens(user)).rejects.toMatchObject(NOT_OWNED)
    await expect(client.deleteUser(user)).rejects.toMatchObject(NOT_OWNED)
  })

  it('is refused an identity nobody made here', async () => {
    await expect(client.getToken(UNKNOWN, ['chat'])).rejects.toMatchObject(NOT_OWNED)
  })

  it('is refused with a wrong key', async () => {
    const wrong = emulator.connectionString.replace(/accesskey=.*/, `accesskey=${Buffer.alloc(64).toString('base64')}`)
    await expect(new CommunicationIdentityClient(wrong, OPTIONS).createUser()).rejects.toMatchObject({
      statusCode: 401,
      code: 'Denied',
      message: 'Denied by the resource provider.',
    })
  })

  it.each([59, 1441, 0, -60, 60.5])('is refused a token of %d minutes', async (minutes) => {
    const user = await client.createUser()
    const expected = {
      statusCode: 400,
      code: 'ValidationError',
      message: `ExpiresInMinutes value ${minutes} is invalid. Value must be within the [60, 1440] interval.`,
      details: { error: { target: 'ExpiresInMinutes' } },
    }
    const options = { tokenExpiresInMinutes: minutes }
    await expect(client.getToken(user, ['chat'], options)).rejects.toMatchObject(expected)
    await expect(client.createUserAndToken(['chat'], options)).rejects.toMatchObject(expected)
  })

  it.each([[scopes('chat', 'email')], [scopes('')], [scopes('Chat')], [scopes()]])(
    'is refused the scopes %j',
    async (wanted) => {
      const user = await client.createUser()
      await expect(client.getToken(user, wanted)).rejects.toMatchObject({
        statusCode: 400,
        code: 'ValidationError',
        details: { error: { target: 'Scopes' } },
      })
      await expect(client.createUserAndToken(wanted)).rejects.toMatchObject({
        statusCode: 400,
        code: 'ValidationError',
        details: { error: { target: 'CreateTokenWithScopes' } },
      })
    },
  )

  it('gets 1,000 tokens at once for one user, no two alike', { timeout: 60_000 }, async () => {
    const user = await client.createUser()
    const answers = await Promise.all(Array.from({ length: 1000 }, () => client.getToken(user, ['chat'])))
    const tokens = answers.map(({ token }) => token)
    expect(new Set(tokens).size).toBe(1000)
    expect(tokens.every((token) => /^[\w-]+\.[\w-]+\.[\w-]{342}$/.test(token))).toBe(true)
    expect(new Set(tokens.map((token) => token.length))).toEqual(new Set([865]))
    expect(new Set(tokens.map((token) => claimsOf(token)['skypeid']))).toEqual(
      new Set([user.communicationUserId.slice(2)]),
    )
  })
})

describe('the exchange of a Teams token', () => {
  const inAnHour = Math.floor(Date.now() / 1000) + 3600
  const good = { exp: inAnHour, oid: OBJECT_ID, appid: APP_ID, tid: OTHER_ID, iat: inAnHour - 4000, uti: 'abc' }

  function exchange(token: string, clientId = APP_ID, userObjectId = OBJECT_ID) {
    return client.getTokenForTeamsUser({ teamsUserAadToken: token, clientId, userObjectId })
  }

  it('carries over its user, app and expiry', async () => {
    const { token, expiresOn } = await exchange(jwt(good))
    expect(expiresOn).toEqual(new Date(inAnHour * 1000))
    expect(claimsOf(token)).toMatchObject({
      skypeid: `orgid:${OBJECT_ID}`,
      scp: 1024,
      exp: inAnHour,
      tid: OTHER_ID,
      aad_appid: APP_ID,
      aad_iat: String(inAnHour - 4000),
    })
  })

  it('reads the app from azp, as version 2 tokens have it, and compares ids as GUIDs', async () => {
    const { appid, ...rest } = good
    await expect(exchange(jwt({ ...rest, azp: appid }), APP_ID, OBJECT_ID.toUpperCase())).resolves.toHaveProperty(
      'token',
    )
  })

  it.each([
    ['empty', ''],
    ['not a JWT', 'invalid'],
    ['cut', jwt(good).slice(0, 60)],
    ['not JSON', 'a.b.c'],
    ['of a payload that is no object', `a.${Buffer.from('null').toString('base64url')}.`],
    ['expired', jwt({ ...good, exp: 1_600_000_000 })],
    ['without exp', jwt({ oid: OBJECT_ID, appid: APP_ID })],
    ['of an exp that is no date', jwt({ ...good, exp: 1e300 })],
    ['of a textual exp', jwt({ ...good, exp: String(inAnHour) })],
    ['without oid', jwt({ exp: inAnHour, appid: APP_ID })],
    ['without appid', jwt({ exp: inAnHour, oid: OBJECT_ID })],
  ])('refuses a token that is %s', async (_name, token) => {
    await expect(exchange(token)).rejects.toMatchObject(NOT_VALID)
  })

  it.each([
    ['an empty app', '', OBJECT_ID, 'AppId: The AppId field is required.', 'AppId'],
    ['an app that is no GUID', 'invalid', OBJECT_ID, 'Provided AppId has invalid format.', 'appId'],
    ['another app', OTHER_ID, OBJECT_ID, 'AAD application is not the expected one.', 'appId'],
    ['an empty user', APP_ID, '', 'UserId: The UserId field is required.', 'UserId'],
    ['a user that is no GUID', APP_ID, 'invalid', 'Provided UserId has invalid format.', 'userId'],
    ['another user', APP_ID, OTHER_ID, 'Provided AAD token issued for unexpected user.', 'userId'],
  ])('refuses %s', async (_name, clientId, userObjectId, message, target) => {
    await expect(exchange(jwt(good), clientId, userObjectId)).rejects.toMatchObject({
      statusCode: 400,
      code: 'ValidationError',
      message,
      details: { error: { target } },
    })
  })
})
