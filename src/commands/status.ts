import type { Finding } from '../doctor/finding.ts'
import { damagedValues } from '../doctor/stored/damage.ts'
import { endedToken } from '../doctor/stored/expiry.ts'
import { mixedPair } from '../doctor/stored/pair.ts'
import { missingValues } from '../doctor/stored/values.ts'
import { openStore } from '../platforms/resolve.ts'
import { readJobStatus } from '../schedule/job.ts'
import { renewalText, scheduleDocument } from '../schedule/status-text.ts'
import { changedSince, type Seen } from '../store/seen.ts'
import type { InspectedVariable, Store } from '../store/store.ts'
import { clockProblem, describeStoredToken, storedEndpoint, storedIdentity, tokenEnd } from '../store/stored-token.ts'
import type { System } from '../system/system.ts'
import { isGithubJob } from '../ui/activation-text.ts'
import { seenDocument } from '../ui/seen-text.ts'
import { renderStatus, type Status, type VariableStatus } from '../ui/status-text.ts'
import type { CommandContext, Outcome } from './context.ts'

/**
 * `acs-env status`: what is stored, what this shell has, and what new ones had when setup looked at them. Reads files
 * alone, and asks git where a repository may hold them: it starts no shell, and needs no network.
 */
export async function run({ options, system, terminal, program }: CommandContext<'status'>): Promise<Outcome> {
  const store = await openStore(system)
  const status = await readStatus(store, system, program)
  const text = options.json
    ? `${JSON.stringify(statusDocument(status, system.now()))}\n`
    : renderStatus(status, store.describe(), program, system.now(), terminal.width(1), (style, part) =>
        options.noColor ? part : terminal.style(style, part),
      )
  await terminal.answer(text)
  return status.ready ? 'done' : 'not-ready'
}

async function readStatus(store: Store, system: System, program: string): Promise<Status> {
  const found = await store.find()
  const token = describeStoredToken(found)
  const { variables, problems, obstacles, dotenv } = await store.inspect(found)
  const { seen } = found.state
  const job = readJobStatus(store.directory)
  const isStored = variables.some(({ storedIn }) => storedIn.length > 0)
  const messages = (findings: readonly Finding[]): readonly string[] => findings.map(({ message }) => message)
  const curable = [
    ...messages(missingValues(variables)),
    ...(isStored ? [...messages([...damagedValues(found), ...mixedPair(found)]), ...problems] : []),
    ...messages(endedToken(token, system.now())),
  ]
  const changed = isStored && seen !== undefined ? changedSince(seen) : []
  const clock = token === undefined ? undefined : clockProblem(token, found, system.now())
  const unseen = [...(isStored ? unseenObstacles(seen, changed) : []), ...(clock === undefined ? [] : [clock])]
  return {
    ready: curable.length + obstacles.length + unseen.length === 0,
    userId: storedIdentity(found),
    scopes: token?.scopes ?? found.state.issued.scopes ?? [],
    endpoint: storedEndpoint(found),
    source: found.state.issued.source,
    expiresOn: token?.expiresOn,
    tokenEnd: token && tokenEnd(token, system.now()),
    variables: variables.map((variable) => compare(variable, system)),
    dotenv,
    problems: curable,
    obstacles: [...obstacles, ...unseen],
    seen: isStored ? seen : undefined,
    renewal: job === undefined ? undefined : renewalText(job, program, system.now()),
    schedule: scheduleDocument(job, system.now()),
    changedSince: changed,
    inGithubJob: isGithubJob(system.env),
  }
}

/** What setup saw is repeated as long as the start-up files are the same; where they are not, nobody knows. */
function unseenObstacles(seen: Seen | undefined, changed: readonly string[]): readonly string[] {
  return seen?.outcome === 'not-seen' && changed.length === 0 ? seen.findings : []
}

function compare({ name, storedIn, secret }: InspectedVariable, { env }: System): VariableStatus {
  const value = env[name]
  if (value === undefined) return { name, storedIn, inEnvironment: 'missing' }
  return { name, storedIn, inEnvironment: value === secret?.reveal() ? 'same' : 'differs' }
}

function statusDocument(
  {
    ready,
    userId,
    scopes,
    expiresOn,
    variables,
    dotenv,
    problems,
    obstacles,
    seen,
    changedSince: changed,
    schedule,
  }: Status,
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
    ...(dotenv.length > 0 && { dotenv: dotenv.map(({ file, inFile }) => ({ file, in_file: inFile })) }),
    problems: [...problems, ...obstacles],
    new_shell: seenDocument(seen, changed),
    schedule,
  }
}
