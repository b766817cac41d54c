import { requireCompatible } from '../args/compatible.ts'
import type { Finding } from '../doctor/finding.ts'
import { damagedValues } from '../doctor/stored/damage.ts'
import { endedToken } from '../doctor/stored/expiry.ts'
import { mixedPair } from '../doctor/stored/pair.ts'
import { missingValues } from '../doctor/stored/values.ts'
import { openStore } from '../platforms/resolve.ts'
import type { NamedResource } from '../platforms/resources/named.ts'
import { hasJob, scheduleDirectory } from '../schedule/directory.ts'
import { FIRST_NAME, hasResourcesFolder } from '../store/resources.ts'
import { changedSince, type Seen } from '../store/seen.ts'
import type { InspectedVariable, Store } from '../store/store.ts'
import { clockProblem, describeStoredToken, storedEndpoint, storedIdentity, tokenEnd } from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import type { System } from '../system/system.ts'
import { isGithubJob } from '../ui/activation-text.ts'
import { seenDocument } from '../ui/seen-text.ts'
import { renderStatus, type Status, type VariableStatus } from '../ui/status-text.ts'
import type { CommandContext, Outcome } from './context.ts'

/**
 * `acs-env status`: what is stored, what this shell has, and what new ones had when setup looked at them. Only reads
 * files, and asks git where a repository may hold them: it starts no shell, and needs no network.
 */
export async function run(context: CommandContext<'status'>): Promise<Outcome> {
  const { options, system, terminal } = context
  if (options.all) return answerAll(context)
  const [{ store, status }] = await readSettled(context, () => readOne(context))
  await terminal.answer(
    options.json ? `${JSON.stringify(statusDocument(status, system.now()))}\n` : render(status, store, context),
  )
  return status.ready ? 'done' : 'not-ready'
}

/** A resource, and how it stands. */
interface Reading {
  readonly store: Store
  readonly status: Status
}

/** What is not ready may be in the middle of a change: the end of that is waited for, and what is there then is told. */
async function readSettled<Readings extends readonly Reading[]>(
  { system }: CommandContext<'status'>,
  read: () => Promise<Readings>,
): Promise<Readings> {
  const readings = await read()
  const unready = readings.find(({ status }) => !status.ready)
  if (unready === undefined) return readings
  const { waitForChange } = await import('../files/change/lock.ts')
  await system.interruptible((signal) => waitForChange(unready.store.directory, system, signal))
  return read()
}

async function readOne(context: CommandContext<'status'>): Promise<readonly [Reading]> {
  const { options, system } = context
  const [store, which] = options.name === undefined ? [await openStore(system)] : await openOne(options.name, system)
  return [{ store, status: await readStatus(store, which, context) }]
}

/** Which resource it is; undefined where no name was given: the current one is meant. */
type Which = Pick<NamedResource, 'name' | 'isCurrent'> | undefined

async function openOne(name: string, system: System): Promise<readonly [Store, Which]> {
  const { openNamed } = await import('../platforms/resources/named.ts')
  const { store, ...which } = await openNamed(name, system, 'looks')
  return [store, which]
}

async function answerAll(context: CommandContext<'status'>): Promise<Outcome> {
  const { options, system, terminal } = context
  requireCompatible(options, 'all', ['name'])
  const { openAll } = await import('../platforms/resources/named.ts')
  const read = await readSettled(context, async () =>
    Promise.all(
      (await openAll(system, 'looks')).map(async ({ store, ...which }): Promise<Reading> => ({
        store,
        status: await readStatus(store, which, context),
      })),
    ),
  )
  const documents = read.map(({ status }) => statusDocument(status, system.now()))
  const headings = read.map(({ status: { name = '', isCurrent } }) => `${name}${isCurrent ? ' (current)' : ''}\n`)
  const texts = read.map(({ status, store }, index) => `${headings[index]}${render(status, store, context)}`)
  const text = texts.length === 0 ? 'Nothing is stored yet.\n' : texts.join('\n')
  await terminal.answer(options.json ? `${JSON.stringify({ resources: documents })}\n` : text)
  return read.length > 0 && read.every(({ status }) => status.ready) ? 'done' : 'not-ready'
}

function render(
  status: Status,
  store: Store,
  { options, system, terminal, program }: CommandContext<'status'>,
): string {
  return renderStatus(status, store.describe(), program, system.now(), terminal.width(1), (style, part) =>
    options.noColor ? part : terminal.style(style, part),
  )
}

async function readStatus(store: Store, which: Which, context: CommandContext<'status'>): Promise<Status> {
  const { system } = context
  const found = await store.find()
  const isCurrent = which?.isCurrent !== false
  const token = describeStoredToken(found)
  const { variables, problems, obstacles, dotenv } = await store.inspect(found)
  const { seen } = found.state
  const isStored = variables.some(({ storedIn }) => storedIn.length > 0)
  const messages = (findings: readonly Finding[]): readonly string[] => findings.map(({ message }) => message)
  const several = await aboutSeveral(store, found, which)
  const curable = [
    // Of several resources one has to be chosen, not stored anew.
    ...(isStored || several.obstacles.length === 0 ? messages(missingValues(variables)) : []),
    ...(isStored ? [...messages([...damagedValues(found), ...mixedPair(found)]), ...problems] : []),
    ...messages(endedToken(token, system.now())),
  ]
  const changed = isStored ? changedSince(seen) : []
  const clock = token === undefined ? undefined : clockProblem(token, found, system.now())
  const unseen = [...(isStored ? unseenObstacles(seen, changed) : []), ...(clock === undefined ? [] : [clock])]
  return {
    ready: curable.length + obstacles.length + unseen.length + several.obstacles.length === 0,
    name: which?.name ?? (isStored ? (found.state.name ?? FIRST_NAME) : undefined),
    showsName: which !== undefined || several.showsName,
    isCurrent,
    userId: storedIdentity(found),
    scopes: token?.scopes ?? found.state.issued.scopes ?? [],
    endpoint: storedEndpoint(found),
    source: found.state.issued.source,
    expiresOn: token?.expiresOn,
    tokenEnd: token && tokenEnd(token, system.now()),
    variables: variables.map((variable) => compare(variable, system)),
    dotenv,
    problems: curable,
    obstacles: [...several.obstacles, ...obstacles, ...unseen],
    seen: isStored ? seen : undefined,
    ...(isCurrent && hasJob(scheduleDirectory(store.directory)) ? await aboutJob(store, context) : NO_JOB),
    changedSince: changed,
    inGithubJob: isGithubJob(system.env),
  }
}

type AboutJob = Pick<Status, 'renewal' | 'schedule'>

const NO_JOB: AboutJob = { renewal: undefined, schedule: null }

/** How the job that renews in the background stands, where there is one. */
async function aboutJob({ directory }: Store, { system, program }: CommandContext<'status'>): Promise<AboutJob> {
  const [{ readJobStatus }, { renewalText, scheduleDocument }] = await Promise.all([
    import('../schedule/job.ts'),
    import('../schedule/status-text.ts'),
  ])
  const job = readJobStatus(directory)
  if (job === undefined) return NO_JOB
  return { renewal: renewalText(job, program, system.now()), schedule: scheduleDocument(job, system.now()) }
}

/** What to say of several resources. For a single one that nobody has named, nothing is looked up. */
async function aboutSeveral(
  { directory }: Store,
  found: Stored,
  which: Which,
): Promise<{ readonly showsName: boolean; readonly obstacles: readonly string[] }> {
  const isOnlyOne = found.state.name === undefined && found.accessToken !== undefined
  if (which !== undefined || isOnlyOne || !hasResourcesFolder(directory)) {
    return { showsName: found.state.name !== undefined && found.state.name !== FIRST_NAME, obstacles: [] }
  }
  const { aboutSeveralResources } = await import('../platforms/resources/about.ts')
  return aboutSeveralResources(directory, found)
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
    name,
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
    name: name ?? null,
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
