import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { below } from '../../../files/below.ts'
import { followLinks, isReadable, readFileState, withoutFile } from '../../../files/read.ts'
import { findMentions, isMereUse } from '../../../profile/change/mentions.ts'
import type { ValueSource } from '../../../profile/change/statements.ts'
import { Secret } from '../../../secret.ts'
import { shellPath } from '../../../shells/posix-words.ts'
import { gitignoreStep } from '../../../store/change/gitignore.ts'
import { switchSteps } from '../../../store/change/parking.ts'
import { requireWritable } from '../../../store/change/perform.ts'
import { stateStep } from '../../../store/change/state.ts'
import { goesAway, privateFile, privateFileStep, removalStep, valueFileStep } from '../../../store/own-files.ts'
import {
  requestedValue,
  type Change,
  type Plan,
  type Step,
  type StoreRequest,
  type ToCome,
} from '../../../store/plan.ts'
import { storedValue } from '../../../store/stored-token.ts'
import type { StartupRecord, ValueKind } from '../../../store/stored.ts'
import type { System } from '../../../system/system.ts'
import { printable } from '../../../text/printable.ts'
import { findStored } from '../find.ts'
import { exposedToGit, exposureText } from '../git.ts'
import { openToOthers, requireSafePlace } from '../guard.ts'
import { valueFile, type PreparedPlace } from '../place.ts'
import { readAccount } from './account.ts'
import { planProfiles, type PlannedProfiles } from './profiles.ts'
import { keyOf, readRestoreRecords, restoreStep, type RestoreRecords } from './records.ts'

/** What has to change for the values to be stored, and for new shells to load them. */
export async function planStore<Missing extends ToCome>(
  place: PreparedPlace,
  request: StoreRequest<Missing>,
  system: System,
): Promise<Plan<Missing>> {
  requireSafePlace(place, system, 'stores')
  const { directory, home } = place
  const inline = place.kind === 'known-shell' && place.inline
  const { earlier, variables, issued, createdDirectories, remembered } = request
  const records = readRestoreRecords(directory, home)
  const source: ValueSource<Missing> = inline
    ? { kind: 'inline', valueOf: ({ value }) => requestedValue(request, value) }
    : { kind: 'files', fileOf: ({ value }) => valueFile(value) }
  // A block that this version has placed, or that was moved by hand since, stays where it is.
  const placed = new Set(earlier.startup?.isPlaced ? earlier.startup.profiles.filter(isReadable).map(followLinks) : [])
  const { planned, unread, skipped } = await planProfiles(
    place,
    {
      variables,
      source,
      state: earlier,
      records,
      positionOf: (path) => (placed.has(followLinks(path)) ? 'keep' : 'behind'),
    },
    system,
  )
  const paths = [...planned.keys()]
  const values = inline ? removeValues(directory) : valueSteps(directory, request)
  const profileSteps = [
    ...restoreStep(directory, withPlanned(records, planned), home),
    ...[...planned.values()].flatMap(({ steps }) => steps),
  ]
  const startup = startupRecord(place, [...paths, ...unread], system)
  const parked = switchSteps(directory, request)
  const seen = profileSteps.length === 0 ? remembered.seen : undefined
  const steps = [
    ...gitignoreStep(directory),
    ...parked.before,
    // Values first: until the profile has changed, what it says is still there to be read.
    ...(inline ? [...profileSteps, ...values] : [...values, ...profileSteps]),
    ...stateStep(
      directory,
      { ...remembered, issued, variables, startup, seen, dotenv: earlier.dotenv, createdDirectories },
      home,
    ),
    ...parked.after,
  ]
  requireWritable(steps, directory)
  const whereOf = (kind: ValueKind): string => (inline ? (paths[0] ?? '') : below(directory, kind))
  // With inline values a profile becomes private anyway.
  const open = openToOthers([dirname(directory), ...paths.map((path) => dirname(path)), ...(inline ? [] : paths)], home)
  const exposed = await exposedToGit(inline ? [] : valuePaths(request, directory), place, system)
  // Where there is no .gitignore yet, ours will be written.
  const hasIgnore = existsSync(below(directory, '.gitignore'))
  const published = exposed.filter(({ how }) => how === 'tracked' || hasIgnore)
  return {
    steps,
    places: variables.map(({ name, value }) => ({ name, where: whereOf(value) })),
    warnings: [
      ...skipped,
      ...warningsOf(planned),
      ...otherFileWarnings(place, paths, request),
      ...open,
      ...published.map((each) => exposureText(each, home)),
    ],
    notes: [...planned.values()].flatMap(({ notes }) => notes),
  }
}

function valuePaths({ variables }: StoreRequest<ToCome>, directory: string): readonly string[] {
  return [...new Set(variables.map(({ value }) => below(directory, value)))]
}

/** What has to change for the blocks to stand at another place. The values stay. */
export async function planPlacement(
  place: PreparedPlace,
  { position, profiles }: Extract<Change, { kind: 'place' }>,
  system: System,
): Promise<Plan> {
  requireSafePlace(place, system, 'stores')
  const { directory, home } = place
  const inline = place.kind === 'known-shell' && place.inline
  const stored = await findStored(place)
  const { state } = stored
  const records = readRestoreRecords(directory, home)
  const source: ValueSource = inline
    ? { kind: 'inline', valueOf: ({ value }) => storedValue(stored, value) }
    : { kind: 'files', fileOf: ({ value }) => valueFile(value) }
  const moving = new Set(profiles.filter(isReadable).map(followLinks))
  const { planned, skipped } = await planProfiles(
    place,
    {
      variables: state.variables,
      source,
      state,
      records,
      positionOf: (path) => (moving.has(followLinks(path)) ? position : 'keep'),
    },
    system,
  )
  const steps = [
    ...restoreStep(directory, withPlanned(records, planned), home),
    ...[...planned.values()].flatMap((profile) => profile.steps),
  ]
  requireWritable(steps, directory)
  return { steps, places: [], warnings: [...skipped, ...warningsOf(planned)], notes: [] }
}

function startupRecord(place: PreparedPlace, profiles: readonly string[], system: System): StartupRecord {
  const always = { profiles, ...readAccount(system), isPlaced: true }
  if (place.kind === 'unknown-shell') {
    return { ...always, shell: place.program, activation: undefined, rcFile: undefined, files: [], isInline: false }
  }
  const { shell, startup, rcFile, home, inline } = place
  const [main = ''] = profiles
  const loading = shell.load(main, home)
  const activation = loading.kind === 'command' ? loading.text : null
  return { ...always, shell: shell.name, activation, rcFile, files: startup.files, isInline: inline }
}

function withPlanned(records: RestoreRecords, planned: PlannedProfiles<ToCome>): RestoreRecords {
  const noted = [...planned].flatMap(([path, { record }]) =>
    record === 'not-needed' ? [] : [[keyOf(records, path), record] as const],
  )
  return new Map([...records, ...noted])
}

function warningsOf(planned: PlannedProfiles<ToCome>): readonly string[] {
  return [...planned.values()].flatMap(({ warnings }) => warnings)
}

/** Start-up files without the block that name one of the variables. */
function otherFileWarnings(
  place: PreparedPlace,
  written: readonly string[],
  { variables }: StoreRequest<ToCome>,
): readonly string[] {
  if (place.kind === 'unknown-shell') return []
  const { startup, home } = place
  const names = variables.map(({ name }) => name)
  return startup.files
    .filter((path) => !written.includes(path) && existsSync(path) && isReadable(path))
    .flatMap((path) => {
      const shown = printable(shellPath(path, home))
      const bytes = readFileState(path).bytes ?? Buffer.alloc(0)
      return findMentions(bytes, names, undefined)
        .filter((mention) => !isMereUse(bytes, mention))
        .map(({ name, line }) => `${shown} names ${name} in line ${line}; that line stays, and may set it too.`)
    })
}

/** At every moment the pair is the old one, the new one, or without a token: hence this order. */
function valueSteps<Missing extends ToCome>(
  directory: string,
  request: StoreRequest<Missing>,
): readonly Step<Missing>[] {
  const { connectionString, accessToken, otherResource } = request
  const tokenFile = privateFile(directory, 'access-token')
  const connectionFile = privateFile(directory, 'connection-string')
  const removal = removalStep(tokenFile, goesAway('goes away'))
  const removedFirst = otherResource && accessToken !== undefined ? removal : []
  return [
    ...removedFirst,
    ...(connectionString === undefined
      ? removalStep(connectionFile, goesAway('goes away'))
      : privateFileStep(connectionFile, Buffer.from(connectionString.reveal()), {
          kind: 'shown',
          summary: 'the connection string',
          lines: [`+ ${connectionString}`],
        })),
    ...endpointSteps(directory, request),
    ...(accessToken === undefined
      ? removal
      : valueFileStep<Missing>(
          removedFirst.length > 0 ? { ...tokenFile, state: withoutFile(tokenFile.state) } : tokenFile,
          accessToken instanceof Secret ? Buffer.from(accessToken.reveal()) : accessToken,
          {
            kind: 'shown',
            summary: 'the access token',
            lines: [`+ ${accessToken instanceof Secret ? accessToken : '(a new access token)'}`],
          },
        )),
  ]
}

/** The endpoint in a file of its own, where it was asked for. */
function endpointSteps(directory: string, request: StoreRequest<ToCome>): readonly Step[] {
  const file = privateFile(directory, 'endpoint')
  const endpoint = request.variables.some(({ value }) => value === 'endpoint') ? request.issued.endpoint : undefined
  if (endpoint === undefined) return removalStep(file, goesAway('goes away'))
  return privateFileStep(file, Buffer.from(endpoint), {
    kind: 'shown',
    summary: 'the endpoint',
    lines: [`+ ${endpoint}`],
  })
}

function removeValues(directory: string): readonly Step[] {
  return (['access-token', 'connection-string', 'endpoint'] as const).flatMap((kind) =>
    removalStep(privateFile(directory, kind), goesAway('goes away')),
  )
}
