import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TestHome } from './home.ts'

const DIRECTORY = '.config/acs-env'

/** What a store on macOS or Linux holds. */
export interface StoredValues {
  readonly connectionString?: string
  readonly accessToken?: string
  /** As the service said it of the token. */
  readonly expiresOn?: Date
  /** The resource of the token. */
  readonly endpoint?: string
  readonly userId?: string
  /** Names that the connection string has besides its own. */
  readonly furtherNames?: readonly string[]
}

/** Puts values where `setup` puts them, whatever they are; nothing of them is checked. */
export function storeValues(home: TestHome, values: StoredValues): void {
  const { connectionString, accessToken, expiresOn, endpoint, userId, furtherNames = [] } = values
  if (connectionString !== undefined) home.write(`${DIRECTORY}/connection-string`, connectionString)
  if (accessToken !== undefined) home.write(`${DIRECTORY}/access-token`, accessToken)
  const state = {
    version: 1,
    endpoint,
    user_id: userId,
    scopes: ['chat'],
    shell: 'bash',
    lifetime_minutes: 60,
    expires_on: expiresOn?.toISOString(),
    token_digest: `sha256:${createHash('sha256')
      .update(accessToken ?? '')
      .digest('hex')}`,
    variables: [
      { name: 'AZURE_COMMUNICATION_CONNECTION_STRING', value: 'connection-string' },
      ...furtherNames.map((name) => ({ name, value: 'connection-string' })),
      { name: 'AZURE_COMMUNICATION_ACCESS_TOKEN', value: 'access-token' },
    ],
  }
  home.write(`${DIRECTORY}/state.json`, JSON.stringify(state))
}

/** Puts a pair there that is good for a day. */
export function storeGoodPair(home: TestHome): void {
  storeValues(home, {
    connectionString: 'endpoint=https://localhost:1/;accesskey=c2VjcmV0',
    accessToken: 'eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl',
    expiresOn: inMinutes(24 * 60),
    endpoint: 'https://localhost:1/',
  })
}

/** The access token that is stored, or undefined. */
export function storedToken(home: TestHome): string | undefined {
  return existsSync(join(home.path, DIRECTORY, 'access-token')) ? home.read(`${DIRECTORY}/access-token`) : undefined
}

/** Makes the state say this of the stored token's end. */
export function setExpiry(home: TestHome, expiresOn: Date): void {
  const state = JSON.parse(home.read(`${DIRECTORY}/state.json`)) as Record<string, unknown>
  home.write(`${DIRECTORY}/state.json`, JSON.stringify({ ...state, expires_on: expiresOn.toISOString() }))
}

/** This many minutes from now. */
export function inMinutes(minutes: number): Date {
  return new Date(Date.now() + minutes * 60_000)
}
