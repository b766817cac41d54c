import { openStore } from '../platforms/resolve.ts'
import { changedSince, type Seen } from '../store/seen.ts'
import type { InspectedVariable, Store } from '../store/store.ts'
import {
  describeStoredToken,
  digestOf,
  storedEndpoint,
  storedIdentity,
  type StoredToken,
} from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import { printable } from '../text/printable.ts'
import { seenDocument } from '../ui/seen-text.ts'
import { renderStatus, type Status, type VariableStatus } from '../ui/status-text.ts'
import { isMistake, readStoredConnectionString } from '../values/connection-string.ts'
import type { CommandContext, Outcome } from './context.ts'

/**
 * `acs-env status`: what is stored, what this shell has, and what new ones had when setup looked at them. Reads files
 * alone: it starts nothing, and needs no network.
 */
export async function run({ options, system, terminal, program }: CommandContext<'status'>): Promise<Outcome> {
  const store = await openStore(system)
  const status = await readStatus(store, system)
  const text = options.json
    ? `${JSON.stringify(statusDocument(status, system.now()))}\n`
    : renderStatus(status, store.describe(), program, system.now(), (style, part) =>
        options.noColor ? part : terminal.style(style, part),
      )
  await terminal.answer(text)
  return status.ready ? 'done' : 'not-ready'
}

async function readStatus(store: Store, system: System): Promise<Status> {
  const found = await store.find()
  const token = describeStoredToken(found)
  const { variables, problems, obstacles } = await store.inspect(found)
  const { seen } = found.state
  const isStored = variables.some(({ storedIn }) => storedIn.length > 0)
  const curable = [
    ...(isStored
      ? [...missingProblems(variables), ...damageProblems(found, token), ...pairProblems(found), ...problems]
      : ['Nothing is stored yet.']),
    ...expiryProblems(token, system.now()),
  ]
  const changed = isStored && seen !== undefined ? changedSince(seen) : []
  const unseen = isStored ? unseenObstacles(seen, changed) : []
  return {
    ready: curable.length + obstacles.length + unseen.length === 0,
    userId: storedIdentity(found),
    scopes: token?.scopes ?? found.state.issued.scopes ?? [],
    endpoint: storedEndpoint(found),
    expiresOn: token?.expiresOn,
    variables: variables.map((variable) => compare(variable, system)),
    problems: curable,
    obstacles: [...obstacles, ...unseen],
    seen: isStored ? seen : undefined,
    changedSince: changed,
  }
}

/** What setup saw is repeated as long as the start-up files are the same; where they are not, nobody knows. */
function unseenObstacles(seen: Seen | undefined, changed: readonly string[]): readonly string[] {
  return seen?.outcome === 'not-seen' && changed.length === 0 ? seen.findings : []
}

function missingProblems(variables: readonly InspectedVariable[]): readonly string[] {
  return variables.filter(({ storedIn }) => storedIn.length === 0).map(({ name }) => `${name} is not stored.`)
}

function damageProblems({ connectionString }: Stored, token: StoredToken | undefined): readonly string[] {
  return [
    // Neither the one that was issued, nor one that can be read.
    ...(token !== undefined && token.expiresOn === undefined ? ['The stored access token is damaged.'] : []),
    ...(connectionString !== undefined && isMistake(readStoredConnectionString(connectionString.reveal()))
      ? ['The stored connection string is damaged.']
      : []),
  ]
}

/** One resource's key beside another's token; only of the token that was issued is it known whose it is. */
function pairProblems(found: Stored): readonly string[] {
  const {
    accessToken,
    state: { issued },
  } = found
  const endpoint = storedEndpoint(found)
  if (endpoint === undefined || issued.endpoint === undefined || endpoint === issued.endpoint) return []
  if (accessToken === undefined || digestOf(accessToken) !== issued.tokenDigest) return []
  const [issuer = '', other = ''] = [issued.endpoint, endpoint].map((url) =>
    printable(url.replace(/^\w+:\/\/|\/$/g, '')),
  )
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
  { ready, userId, scopes, expiresOn, variables, problems, obstacles, seen, changedSince: changed }: Status,
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
    new_shell: seenDocument(seen, changed),
  }
}
