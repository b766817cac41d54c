import { CliError } from '../errors.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import type { Secret } from '../secret.ts'
import type { InspectedVariable, Platform, Stored } from '../store/store.ts'
import {
  describeStoredToken,
  digestOf,
  storedEndpoint,
  storedIdentity,
  type StoredToken,
} from '../store/stored-token.ts'
import type { System } from '../system/system.ts'
import { renderStatus, type Status, type VariableStatus } from '../ui/status-text.ts'
import { parseStoredConnectionString } from '../values/connection-string.ts'
import type { CommandContext, Outcome } from './context.ts'

/** `acs-env status`: what is stored, and what this shell and a new one see. Reads only, and needs no network. */
export async function run({ options, system, terminal, program }: CommandContext): Promise<Outcome> {
  const platform = await resolvePlatform(system, { remembered: true })
  const status = await readStatus(platform, system)
  const text = options.json
    ? `${JSON.stringify(statusDocument(status, system.now()))}\n`
    : renderStatus(status, platform, program, system.now(), (style, part) =>
        options.noColor ? part : terminal.style(style, part),
      )
  await terminal.answer(text)
  return status.ready ? 'done' : 'not-ready'
}

async function readStatus(platform: Platform, system: System): Promise<Status> {
  const found = await platform.find()
  const token = describeStoredToken(found)
  const { variables, problems, obstacles = [] } = await platform.inspect(found)
  const curable = [
    ...(variables.every(({ storedIn }) => storedIn.length === 0)
      ? ['Nothing is stored yet.']
      : [...missingProblems(variables), ...damageProblems(found, token), ...pairProblems(found), ...problems]),
    ...expiryProblems(token, system.now()),
  ]
  return {
    ready: curable.length + obstacles.length === 0,
    userId: storedIdentity(found),
    scopes: token?.scopes ?? found.state.scopes ?? [],
    endpoint: storedEndpoint(found),
    expiresOn: token?.expiresOn,
    variables: variables.map((variable) => compare(variable, system)),
    problems: curable,
    obstacles,
  }
}

function missingProblems(variables: readonly InspectedVariable[]): readonly string[] {
  return variables.filter(({ storedIn }) => storedIn.length === 0).map(({ name }) => `${name} is not stored.`)
}

function damageProblems({ connectionString }: Stored, token: StoredToken | undefined): readonly string[] {
  return [
    // Neither the one that was issued, nor one that can be read.
    ...(token !== undefined && token.expiresOn === undefined ? ['The stored access token is damaged.'] : []),
    ...(connectionString === undefined || isWhole(connectionString)
      ? []
      : ['The stored connection string is damaged.']),
  ]
}

function isWhole(connectionString: Secret): boolean {
  try {
    parseStoredConnectionString(connectionString.reveal())
    return true
  } catch (error) {
    if (error instanceof CliError) return false
    throw error
  }
}

/** One resource's key beside another's token; only of the token that was issued is it known whose it is. */
function pairProblems(found: Stored): readonly string[] {
  const { accessToken, state } = found
  const endpoint = storedEndpoint(found)
  if (endpoint === undefined || state.endpoint === undefined || endpoint === state.endpoint) return []
  if (accessToken === undefined || digestOf(accessToken) !== state.tokenDigest) return []
  const [issuer = '', other = ''] = [state.endpoint, endpoint].map((url) => url.replace(/^\w+:\/\/|\/$/g, ''))
  return [`The access token is one of ${issuer}, the connection string one of ${other}.`]
}

function expiryProblems(token: StoredToken | undefined, now: Date): readonly string[] {
  const hasExpired = token?.expiresOn !== undefined && token.expiresOn <= now
  return hasExpired ? ['The access token has expired.'] : []
}

function compare({ name, storedIn, secret }: InspectedVariable, { env }: System): VariableStatus {
  const value = env[name]
  if (value === undefined) return { name, storedIn, inEnvironment: 'missing' }
  return { name, storedIn, inEnvironment: value === secret?.reveal() ? 'same' : 'differs' }
}

function statusDocument(
  { ready, userId, scopes, expiresOn, variables, problems, obstacles }: Status,
  now: Date,
): object {
  return {
    ready,
    user_id: userId ?? null,
    scopes,
    expires_on: expiresOn?.toISOString() ?? null,
    expires_in_seconds: expiresOn === undefined ? null : Math.floor((expiresOn.getTime() - now.getTime()) / 1000),
    variables: variables.map(({ name, storedIn, inEnvironment }) => ({
      name,
      stored_in: storedIn,
      in_environment: inEnvironment,
    })),
    problems: [...problems, ...obstacles],
  }
}
