import type { CommunicationIdentityClient, TokenScope } from '@azure/communication-identity'
import { Secret } from '../secret.ts'
import type { Credential } from '../values/credential.ts'
import { isIdentityId } from '../values/identity-id.ts'
import type { Scope } from '../values/scopes.ts'
import { callService, type Clocks, type ServiceOptions, type Unusable } from './client.ts'
import { judgeToken } from './judge-token.ts'

interface CommunicationUser {
  readonly communicationUserId: string
}

interface RequestOptions {
  readonly abortSignal: AbortSignal
}

/** A token as the service issued it. */
export interface IssuedToken {
  readonly token: Secret
  readonly userId: string
  /** To the millisecond; the service's own value has four digits more. */
  readonly expiresOn: Date
}

export interface IssueRequest {
  /** A new identity where absent. */
  readonly userId: string | undefined
  readonly scopes: readonly Scope[]
  readonly lifetimeMinutes: number
}

/** A Teams user's Entra token, and whose and for which application it is. */
export interface TeamsRequest {
  readonly entraToken: Secret
  readonly clientId: string
  readonly userObjectId: string
}

/** Issues a token. One request, also where the identity is new. */
export function issueToken(
  credential: Credential,
  { userId, scopes, lifetimeMinutes }: IssueRequest,
  options: ServiceOptions,
): Promise<IssuedToken> {
  const tokenScopes: TokenScope[] = [...scopes]
  return callService(
    credential,
    {
      createsIdentity: userId === undefined,
      perform: async (client, requestOptions, clocks) => {
        const lifetimeMs = lifetimeMinutes * 60_000
        const tokenOptions = { ...requestOptions, tokenExpiresInMinutes: lifetimeMinutes }
        if (userId === undefined) {
          return readIssued(await client.createUserAndToken(tokenScopes, tokenOptions), lifetimeMs, clocks)
        }
        const user = { communicationUserId: userId }
        return readIssued({ user, ...(await client.getToken(user, tokenScopes, tokenOptions)) }, lifetimeMs, clocks)
      },
    },
    options,
  )
}

/** Makes an identity; resolves to its id. */
export async function createUser(credential: Credential, options: ServiceOptions): Promise<string> {
  const { userId } = await callService(
    credential,
    {
      createsIdentity: true,
      perform: async (client, requestOptions) => {
        const { communicationUserId } = await client.createUser(requestOptions)
        return isUser(communicationUserId) ? { userId: communicationUserId } : MALFORMED
      },
    },
    options,
  )
  return userId
}

/** Deletes an identity and all its data. */
export function deleteUser(credential: Credential, userId: string, options: ServiceOptions): Promise<void> {
  const doubt = 'whether the identity was deleted is not known'
  return tellService(credential, { userId, doubt }, options, (client, ...call) => client.deleteUser(...call))
}

/** Revokes all tokens of an identity. It takes up to a quarter of an hour to be known everywhere. */
export function revokeTokens(credential: Credential, userId: string, options: ServiceOptions): Promise<void> {
  const doubt = 'whether the tokens were revoked is not known'
  return tellService(credential, { userId, doubt }, options, (client, ...call) => client.revokeTokens(...call))
}

/** Exchanges a Teams user's Entra token for a token of the service, which expires with it. */
export function exchangeTeamsToken(
  credential: Credential,
  { entraToken, clientId, userObjectId }: TeamsRequest,
  options: ServiceOptions,
): Promise<Omit<IssuedToken, 'userId'>> {
  return callService(
    credential,
    {
      createsIdentity: false,
      perform: async (client, requestOptions, clocks) => {
        const request = { teamsUserAadToken: entraToken.reveal(), clientId, userObjectId }
        // It expires with the Entra token, whose lifetime is not asked for.
        return readToken(await client.getTokenForTeamsUser({ ...request, ...requestOptions }), undefined, clocks)
      },
    },
    options,
  )
}

/** Something to be done to an identity, to which the service answers nothing. */
async function tellService(
  credential: Credential,
  { userId, doubt }: { readonly userId: string; readonly doubt: string },
  options: ServiceOptions,
  tell: (client: CommunicationIdentityClient, user: CommunicationUser, options: RequestOptions) => Promise<void>,
): Promise<void> {
  const perform = async (client: CommunicationIdentityClient, requestOptions: RequestOptions): Promise<object> => {
    await tell(client, { communicationUserId: userId }, requestOptions)
    return {}
  }
  await callService(credential, { createsIdentity: false, doubt, perform }, options)
}

const MALFORMED = { kind: 'malformed' } as const

/** The SDK does not check answers against its types: one can lack the token. */
interface TokenAnswer {
  readonly token?: string
  readonly expiresOn?: Date
}

function readToken(
  { token, expiresOn }: TokenAnswer,
  lifetimeMs: number | undefined,
  { now, serviceDate }: Clocks,
): Omit<IssuedToken, 'userId'> | Unusable {
  // Ten times the longest one; beyond 32,767 it fits into no environment of Windows.
  const isWhole = isText(token) && /^[\x21-\x7E]{1,20000}$/.test(token)
  // Of this millennium.
  const isTimed = expiresOn instanceof Date && /^"2\d{3}-/.test(JSON.stringify(expiresOn))
  if (!isWhole || !isTimed) return MALFORMED
  return judgeToken(expiresOn, lifetimeMs, serviceDate(), now()) ?? { token: new Secret(token), expiresOn }
}

function readIssued(
  answer: TokenAnswer & { readonly user: { readonly communicationUserId?: string } },
  lifetimeMs: number,
  clocks: Clocks,
): IssuedToken | Unusable {
  const { communicationUserId: userId } = answer.user
  if (!isUser(userId)) return MALFORMED
  const read = readToken(answer, lifetimeMs, clocks)
  return 'kind' in read ? read : { ...read, userId }
}

function isUser(value: unknown): value is string {
  return isText(value) && isIdentityId(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
