import { dirname, join } from 'node:path'
import { distinctFiles, readFileState, withoutFile } from '../../../files/read.ts'
import { hasMarker } from '../../../profile/block.ts'
import { planProfile, type ProfilePlan } from '../../../profile/plan.ts'
import type { ProfileTarget } from '../../../shells/shell.ts'
import { requireWritable } from '../../../store/change/perform.ts'
import { gitignoreStep, privateFile, privateFileStep } from '../../../store/own-files.ts'
import { stateStep } from '../../../store/state.ts'
import {
  requestedSecret,
  type Plan,
  type Request,
  type Step,
  type ValueKind,
  type Variable,
} from '../../../store/store.ts'
import { openToOthers, requireSafeProfile } from '../guard.ts'
import { laterProblems } from '../inspect.ts'
import { mainProfile, valueFile, type PosixPlace } from '../place.ts'
import { readRestoreRecords, restoreStep, type RestoreRecords } from './records.ts'

/** What has to change for the values to be stored, and for new shells to load them. */
export function planStore(place: PosixPlace, request: Request): Plan {
  const { directory, home, inline, shell, targets } = place
  const records = readRestoreRecords(directory, home)
  const planned = new Map<string, ProfilePlan>()
  for (const target of allTargets(targets, request.earlier.profiles)) {
    const profileRequest = {
      shell,
      home,
      variables: request.variables,
      fileOf: ({ value }: Variable) => valueFile(value),
      inline: inline ? (variable: Variable) => requestedSecret(request, variable.value) : undefined,
    }
    const profile = planProfile(target, profileRequest, records[target.path])
    if (profile === undefined) continue
    requireSafeProfile(target.path, profile.state, place)
    planned.set(target.path, profile)
  }
  const profiles = [...planned.values()]
  const paths = [...planned.keys()]
  // With inline values a profile becomes private anyway.
  const open = openToOthers([dirname(directory), ...paths.map((path) => dirname(path)), ...(inline ? [] : paths)], home)
  const values = inline ? removeValues(directory) : valueSteps(directory, request)
  const profileSteps = [
    ...restoreStep(directory, { ...records, ...recordsOf(planned) }, home),
    ...profiles.flatMap(({ steps }) => steps),
  ]
  const state = {
    ...request.remember,
    variables: request.variables,
    profiles: paths,
    shell: shell.name,
    accountShell: place.accountShell(),
    rcFile: place.rcFile,
  }
  const steps = [
    ...gitignoreStep(directory),
    // Values first: until the profile has changed, what it says is still there to be read.
    ...(inline ? [...profileSteps, ...values] : [...values, ...profileSteps]),
    ...stateStep(directory, state, home),
  ]
  requireWritable(steps, directory)
  const names = request.variables.map(({ name }) => name)
  const obstacles = [...profiles.flatMap((profile) => profile.obstacles), ...laterProblems(names, place)]
  const whereOf = (kind: ValueKind): string => (inline ? mainProfile(place) : join(directory, kind))
  return {
    isDraft: request.accessToken === 'to-come',
    steps,
    stored: request.variables.map(({ name, value }) => ({ name, where: whereOf(value) })),
    isShadowed: obstacles.length > 0,
    warnings: [...obstacles, ...profiles.flatMap(({ warnings }) => warnings), ...open],
    notes: profiles.flatMap(({ notes }) => notes),
  }
}

/** The shell's own profiles, and those that were written to before and still have the block; each file once. */
function allTargets(targets: readonly ProfileTarget[], earlier: readonly string[] = []): readonly ProfileTarget[] {
  const others = earlier.filter(
    (path) => !targets.some((target) => target.path === path) && hasMarker(readFileState(path).bytes),
  )
  const all = [...targets, ...others.map((path) => ({ path, handOver: [], onlyIfPresent: true }))]
  return distinctFiles(all.map(({ path }) => path)).flatMap((path) => all.find((target) => target.path === path) ?? [])
}

function recordsOf(planned: ReadonlyMap<string, ProfilePlan>): RestoreRecords {
  return Object.fromEntries([...planned].map(([path, { record }]) => [path, record]))
}

/** At every moment the pair is the old one, the new one, or without a token: hence this order. */
function valueSteps(directory: string, request: Request): readonly Step[] {
  const { connectionString, accessToken, otherResource } = request
  const removedFirst = otherResource && accessToken !== undefined ? removeStep(directory, 'access-token') : []
  const tokenFile = privateFile(directory, 'access-token')
  return [
    ...removedFirst,
    ...(connectionString === undefined
      ? removeStep(directory, 'connection-string')
      : privateFileStep(privateFile(directory, 'connection-string'), connectionString.reveal(), {
          summary: 'the connection string',
          preview: [`+ ${connectionString}`],
        })),
    ...(accessToken === undefined
      ? removeStep(directory, 'access-token')
      : privateFileStep(
          removedFirst.length > 0 ? { ...tokenFile, state: withoutFile(tokenFile.state) } : tokenFile,
          accessToken === 'to-come' ? undefined : accessToken.reveal(),
          {
            summary: 'the access token',
            preview: [`+ ${accessToken === 'to-come' ? '(a new access token)' : accessToken}`],
          },
        )),
  ]
}

function removeValues(directory: string): readonly Step[] {
  return [...removeStep(directory, 'access-token'), ...removeStep(directory, 'connection-string')]
}

/** The step that removes a value file, or none where there is none. */
function removeStep(directory: string, kind: ValueKind): readonly Step[] {
  const path = join(directory, kind)
  const state = readFileState(path)
  if (state.bytes === undefined) return []
  return [{ kind: 'remove-file', path, state, summary: 'goes away', preview: ['- (the file goes away)'] }]
}
