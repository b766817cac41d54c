import { existsSync } from 'node:fs'
import { distinctFiles, followLinks, readFileState } from '../../../files/read.ts'
import { hasMarker } from '../../../profile/block.ts'
import { findLiteralExports } from '../../../profile/change/literal-exports.ts'
import { parserOf, type Parses } from '../../../profile/change/parser.ts'
import { planProfile, type ProfilePlan, type ValueSource } from '../../../profile/change/plan.ts'
import type { LoadPoint } from '../../../shells/shell.ts'
import { findObstacle } from '../../../store/change/perform.ts'
import type { Position, ToCome } from '../../../store/plan.ts'
import type { State, Variable } from '../../../store/stored.ts'
import type { System } from '../../../system/system.ts'
import { requireSafeProfile } from '../guard.ts'
import type { PreparedPlace } from '../place.ts'
import type { RestoreRecords } from './records.ts'

/** The profiles of a plan by their paths, the one to load by hand first. */
export type PlannedProfiles<Missing extends ToCome> = ReadonlyMap<string, ProfilePlan<Missing>>

export interface Planned<Missing extends ToCome> {
  readonly planned: PlannedProfiles<Missing>
  /** A sentence for each further profile that cannot be written, and so stays as it is. */
  readonly skipped: readonly string[]
}

export interface ProfilesRequest<Missing extends ToCome> {
  readonly variables: readonly Variable[]
  readonly source: ValueSource<Missing>
  readonly state: State
  readonly records: RestoreRecords
  /** Where the block of a profile goes. */
  readonly positionOf: (path: string) => Position | 'keep'
}

/**
 * What every start-up file becomes that has the block, or is to have it: those that the shell loads the values from, those
 * that were written to before and still have the block, and those in which a line of the user's own gives way to it.
 */
export async function planProfiles<Missing extends ToCome>(
  place: PreparedPlace,
  { variables, source, state, records, positionOf }: ProfilesRequest<Missing>,
  system: System,
): Promise<Planned<Missing>> {
  const { shell, home } = place
  const parses = parserOf(shell, place.program, system)
  const names = variables.map(({ name }) => name)
  const points = [
    ...place.startup.loadPoints.filter(({ path, ifMissing }) => ifMissing === 'create' || existsSync(path)),
    ...(state.startup?.profiles ?? []).filter((path) => hasMarker(readFileState(path).bytes)).map(otherFile),
    ...(await filesWithExports(place, names, parses)).map(otherFile),
  ]
  const planned = new Map<string, ProfilePlan<Missing>>()
  const skipped: string[] = []
  for (const path of distinctFiles(points.map((point) => point.path))) {
    const preamble = points.find((point) => point.path === path)?.preamble ?? []
    const earlier = records.get(followLinks(path))
    const position = positionOf(path)
    const profile = await planProfile({ path, preamble, position, shell, home, variables, source, parses, earlier })
    requireSafeProfile(path, profile.file, place, source.kind === 'inline')
    const obstacle = planned.size === 0 ? undefined : findObstacle(profile.steps, place.directory)
    if (obstacle === undefined) planned.set(path, profile)
    else skipped.push(`${obstacle.message} Shells that read only this file do not get the values.`)
  }
  return { planned, skipped }
}

function otherFile(path: string): Pick<LoadPoint, 'path' | 'preamble'> {
  return { path, preamble: [] }
}

/** Start-up files in which an older value would stay: scripts that read them would get it beside the new token. */
async function filesWithExports(
  { startup: { files, loadPoints } }: PreparedPlace,
  names: readonly string[],
  parses: Parses,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of files) {
    if (loadPoints.some((point) => point.path === path)) continue
    const { bytes } = readFileState(path)
    if (bytes === undefined || hasMarker(bytes)) continue
    if ((await findLiteralExports(bytes, names, undefined, parses)).length > 0) found.push(path)
  }
  return found
}
