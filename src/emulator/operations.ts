import {
  type Answer,
  BODY_MISSING,
  fieldRequired,
  IDENTITY_NOT_OWNED,
  INVALID_ACCESS_TOKEN,
  validationError,
} from './service-errors.ts'
import type { Service } from './service.ts'
import { parseTeamsToken } from './teams-token.ts'
import { type Fields, parseCreateRequest, parseIssueRequest, type TokenRequest } from './token-request.ts'
import type { AccessToken } from './tokens.ts'

/** A call whose signature was found right. */
interface Call {
  /** The identity in the path, decoded; empty where the path has none. */
  readonly id: string
  /** The JSON body, or undefined where the request has no body. */
  readonly fields: Fields | undefined
}

/** One operation of the service. */
export interface Operation {
  readonly method: string
  /** Matched against the path as received; the first group is the identity. */
  readonly path: RegExp
  readonly versions: readonly string[]
  run(call: Call, service: Service): Promise<Answer> | Answer
}

// Up to 2023-10-01 as `api-supported-versions` lists them; the later ones are the stable azure-rest-api-specs.
const TEAMS_VERSIONS = ['2021-10-31-preview', '2022-06-01', '2022-10-01', '2023-10-01', '2025-06-30', '2026-07-22']
const VERSIONS = [
  '2020-07-20-preview2',
  '2021-02-22-preview1',
  '2021-03-07',
  '2021-11-01',
  ...TEAMS_VERSIONS,
].toSorted()

const GUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const MS_PER_MINUTE = 60_000

export const operations: readonly Operation[] = [
  { method: 'POST', path: /^\/identities$/, versions: VERSIONS, run: createUser },
  { method: 'DELETE', path: /^\/identities\/([^/]+)$/, versions: VERSIONS, run: deleteUser },
  { method: 'POST', path: /^\/identities\/([^/]+)\/:issueAccessToken$/, versions: VERSIONS, run: issueToken },
  { method: 'POST', path: /^\/identities\/([^/]+)\/:revokeAccessTokens$/, versions: VERSIONS, run: revokeTokens },
  { method: 'POST', path: /^\/teamsUser\/:exchangeAccessToken$/, versions: TEAMS_VERSIONS, run: exchangeTeamsToken },
]

async function createUser({ fields = {} }: Call, service: Service): Promise<Answer> {
  const request = parseCreateRequest(fields)
  if (request !== undefined && 'status' in request) return request
  const id = service.identities.create()
  if (request === undefined) return { status: 201, body: { identity: { id } } }
  return { status: 201, body: { identity: { id }, accessToken: await issueUserToken(id, request, service) } }
}

function deleteUser({ id }: Call, { identities }: Service): Answer {
  // Azure's answer for a deleted identity is not published; here it is one that does not exist.
  if (!identities.has(id)) return IDENTITY_NOT_OWNED
  identities.delete(id)
  return { status: 204 }
}

async function issueToken({ id, fields }: Call, service: Service): Promise<Answer> {
  if (fields === undefined) return BODY_MISSING
  const request = parseIssueRequest(fields)
  if ('status' in request) return request
  if (!service.identities.has(id)) return IDENTITY_NOT_OWNED
  return { status: 200, body: await issueUserToken(id, request, service) }
}

function revokeTokens({ id }: Call, { identities }: Service): Answer {
  // Nothing here accepts tokens, so there is none to refuse later on.
  return identities.has(id) ? { status: 204 } : IDENTITY_NOT_OWNED
}

async function exchangeTeamsToken({ fields }: Call, service: Service): Promise<Answer> {
  if (fields === undefined) return BODY_MISSING
  const { token, appId, userId } = fields
  if (!isFilled(appId)) return fieldRequired('AppId')
  if (!isFilled(userId)) return fieldRequired('UserId')
  const issuedOn = service.now()
  const teamsToken = parseTeamsToken(token)
  // Negated, because an exp too large for a Date compares false.
  if (teamsToken === undefined || !(teamsToken.expiresOn > issuedOn)) return INVALID_ACCESS_TOKEN
  if (!GUID.test(appId)) return validationError('Provided AppId has invalid format.', 'appId')
  if (!GUID.test(userId)) return validationError('Provided UserId has invalid format.', 'userId')
  if (!isSameGuid(appId, teamsToken.appId)) return validationError('AAD application is not the expected one.', 'appId')
  if (!isSameGuid(userId, teamsToken.userId))
    return validationError('Provided AAD token issued for unexpected user.', 'userId')
  const { expiresOn, repeated } = teamsToken
  const grant = {
    skypeId: `orgid:${teamsToken.userId}`,
    scopes: ['chat', 'voip'],
    issuedOn,
    expiresOn,
    teams: repeated,
  }
  return { status: 200, body: await service.issueToken(grant) }
}

function issueUserToken(
  id: string,
  { scopes, expiresInMinutes }: TokenRequest,
  service: Service,
): Promise<AccessToken> {
  const issuedOn = service.now()
  const expiresOn = new Date(issuedOn.getTime() + expiresInMinutes * MS_PER_MINUTE)
  return service.issueToken({ skypeId: id.slice('8:'.length), scopes, issuedOn, expiresOn })
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isSameGuid(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase()
}
