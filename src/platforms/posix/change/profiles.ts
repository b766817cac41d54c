import { existsSync } from 'node:fs'
import type { CliError } from '../../../errors.ts'
import { distinctFiles, isReadable, readFileState, tryReadFileState } from '../../../files/read.ts'
import { hasMarker } from '../../../profile/block.ts'
import { findLiteralExports } from '../../../profile/change/literal-exports.ts'
import { parserOf, type Parses } from '../../../profile/change/parser.ts'
import { planProfile, textProblem, type ProfilePlan, type ValueSource } from '../../../profile/change/plan.ts'
import { inlineValues } from '../../../profile/inline-values.ts'
import { shellPath } from '../../../shells/posix-syntax.ts'
import type { LoadPoint } from '../../../shells/shell.ts'
import { findObstacle } from '../../../store/change/perform.ts'
import type { Position, ToCome } from '../../../store/plan.ts'
import type { State, Variable } from '../../../store/stored.ts'
import type { System } from '../../../system/system.ts'
import { printable } from '../../../text/printable.ts'
import { exposedToGit } from '../git.ts'
import { inRepository, profileObstacle, requireSafeProfile } from '../guard.ts'
import type { PreparedPlace } from '../place.ts'
import { keyOf, type RestoreRecords } from './records.ts'

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
    ...(state.startup?.profiles ?? [])
      .filter((path) => isReadable(path) && hasMarker(readFileState(path).bytes))
      .map(otherFile),
    ...(await filesWithExports(place, names, parses)).map(otherFile),
  ]
  const paths = points.map(({ path }) => path)
  const [main = ''] = paths
  requireReadable(main)
  const skipped = paths.filter((path) => !isReadable(path)).map(whyUnreadable)
  const planned = new Map<string, ProfilePlan<Missing>>()
  for (const path of distinctFiles(paths.filter(isReadable))) {
    // The one that is loaded by hand has to have the block, the others are worth a warning.
    const unfit = path === main ? undefined : whyUnfit(path, place)
    if (unfit !== undefined) {
      skipped.push(unfit.message)
      continue
    }
    const preamble = points.find((point) => point.path === path)?.preamble ?? []
    const earlier = records.get(keyOf(records, path))
    const position = positionOf(path)
    const profile = await planProfile({ path, preamble, position, shell, home, variables, source, parses, earlier })
    requireSafeProfile(path, profile.file, place, source.kind === 'inline')
    if (source.kind === 'inline') await requireUntracked(path, place, system)
    // What holds values itself is not left with those of another resource beside the new ones.
    const mayStay = path !== main && inlineValues(profile.file.bytes).size === 0
    const obstacle = mayStay ? findObstacle(profile.steps, place.directory) : undefined
    if (obstacle === undefined) planned.set(path, profile)
    else skipped.push(obstacle.message)
  }
  return {
    planned,
    skipped: [...new Set(skipped)].map(
      (message) => `${message} Shells that read only this file do not get the values.`,
    ),
  }
}

function requireReadable(path: string): void {
  const file = tryReadFileState(path)
  if ('problem' in file) throw file.problem
}

function whyUnreadable(path: string): string {
  const file = tryReadFileState(path)
  return 'problem' in file ? file.problem.message : ''
}

/** Why a further profile is left alone, whatever would be written to it. */
function whyUnfit(path: string, place: PreparedPlace): CliError | undefined {
  const file = readFileState(path)
  const shown = printable(shellPath(path, place.home))
  return profileObstacle(path, file, place, false) ?? textProblem(file.bytes ?? Buffer.alloc(0), shown)
}

/** Dotfiles in a repository that has the home for its work tree have no `.git` around them. */
async function requireUntracked(path: string, place: PreparedPlace, system: System): Promise<void> {
  const exposed = await exposedToGit([path], place, system)
  const tracked = exposed.find(({ how }) => how === 'tracked')
  if (tracked === undefined) return
  throw inRepository(printable(shellPath(path, place.home)), shellPath(tracked.repository, place.home))
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
    const file = tryReadFileState(path)
    if ('problem' in file || file.bytes === undefined || hasMarker(file.bytes)) continue
    const { bytes } = file
    if ((await findLiteralExports(bytes, names, undefined, parses)).length > 0) found.push(path)
  }
  return found
}
