import { existsSync } from 'node:fs'
import type { CliError } from '../../../errors.ts'
import { certain, distinctFiles, readFileState, readingOnce } from '../../../files/read.ts'
import { hasMarker } from '../../../profile/block.ts'
import { planDropIn } from '../../../profile/change/drop-in.ts'
import { findLiteralExports } from '../../../profile/change/literal-exports.ts'
import { findMentions } from '../../../profile/change/mentions.ts'
import { parserOf, type Parses } from '../../../profile/change/parser.ts'
import { planProfile, textProblem, type ProfilePlan } from '../../../profile/change/plan.ts'
import type { ValueSource } from '../../../profile/change/statements.ts'
import { isDropIn } from '../../../profile/drop-in.ts'
import { inlineValues, readersFor } from '../../../profile/inline-values.ts'
import { loginShellNamed } from '../../../shells/index.ts'
import { otherLanguageOf } from '../../../shells/other-files.ts'
import { shellPath } from '../../../shells/posix-words.ts'
import { sh } from '../../../shells/sh.ts'
import type { BlockPoint, DropInPoint, LoginShell } from '../../../shells/shell.ts'
import { findObstacle } from '../../../store/change/perform.ts'
import type { Position, ToCome } from '../../../store/plan.ts'
import type { State, Variable } from '../../../store/stored.ts'
import type { System } from '../../../system/system.ts'
import { printable } from '../../../text/printable.ts'
import { exposedToGit } from '../git.ts'
import { inRepository, profileObstacle, requireSafeProfile } from '../guard.ts'
import type { KnownShellPlace, PreparedPlace } from '../place.ts'
import { keyOf, type RestoreRecords } from './records.ts'

/** The profiles of a plan by their paths, the one to load by hand first. */
export type PlannedProfiles<Missing extends ToCome> = ReadonlyMap<string, ProfilePlan<Missing>>

export interface Planned<Missing extends ToCome> {
  readonly planned: PlannedProfiles<Missing>
  /** Those that cannot be read for now, and have the block from before. */
  readonly unread: readonly string[]
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
 * Plans every start-up file that has the block, or will have it: those that the shell loads the values from, those that
 * were written to before and still have the block, and those in which a line of the user's own gives way to it.
 */
export async function planProfiles<Missing extends ToCome>(
  place: PreparedPlace,
  { variables, source, state, records, positionOf }: ProfilesRequest<Missing>,
  system: System,
): Promise<Planned<Missing>> {
  const { home } = place
  const languages = await languagesOf(place, system)
  const names = variables.map(({ name }) => name)
  const loadPoints = place.kind === 'known-shell' ? place.startup.loadPoints : []
  const once = readingOnce()
  // A file that cannot be read for a moment must not be left out, nor change places with another one.
  const read: Read = (path) => certain(once(path))
  const unread = unreadProfiles(state, read)
  const points: readonly WrittenFile[] = [
    ...loadPoints.filter((point) => point.kind === 'drop-in' || point.ifMissing === 'create' || existsSync(point.path)),
    ...(state.startup?.profiles ?? []).flatMap((path) => earlierFile(path, read(path))),
    ...(place.kind === 'known-shell' ? await filesWithExports(place, names, languages.ofShell.parses, read) : []).map(
      otherFile,
    ),
  ]
  const paths = [...new Set(points.map(({ path }) => path))]
  const main = place.kind === 'known-shell' ? paths[0] : undefined
  const problemOf = (path: string): CliError | undefined => {
    const file = read(path)
    return 'problem' in file ? file.problem : undefined
  }
  const mainProblem = main === undefined ? undefined : problemOf(main)
  if (mainProblem !== undefined) throw mainProblem
  const skipped = paths.filter((path) => !unread.has(path)).flatMap((path) => problemOf(path)?.message ?? [])
  const planned = new Map<string, ProfilePlan<Missing>>()
  for (const path of distinctFiles(paths.filter((path) => problemOf(path) === undefined))) {
    // The one that is loaded by hand has to have the values, the others are worth a warning.
    const unfit = path === main ? undefined : whyUnfit(path, place)
    if (unfit !== undefined) {
      skipped.push(unfit.message)
      continue
    }
    const point = points.find((one) => one.path === path) ?? otherFile(path)
    const { shell, parses } = await languages.of(path)
    const profile =
      point.kind === 'drop-in'
        ? planDropIn({ path, shell, home, variables, source })
        : await planProfile({
            path,
            preamble: point.preamble,
            position: positionOf(path),
            shell,
            home,
            variables,
            source,
            parses,
            earlier: records.get(keyOf(records, path)),
          })
    requireSafeProfile(path, profile.file, place, source.kind === 'inline')
    if (source.kind === 'inline') await requireUntracked(path, place, system)
    // A file that holds values itself must not keep those of another resource beside the new ones.
    const mayStay = path !== main && inlineValues(profile.file.bytes, await readersFor([path])).size === 0
    const obstacle = mayStay ? findObstacle(profile.steps, place.directory) : undefined
    if (obstacle === undefined) planned.set(path, profile)
    else skipped.push(obstacle.message)
  }
  return {
    planned,
    unread: [...unread.keys()],
    skipped: [
      ...[...new Set(skipped)].map((message) => `${message} Shells that read only this file do not get the values.`),
      ...[...unread.values()].map(({ message }) => `${message} It stays as it is.`),
    ],
  }
}

type Read = ReturnType<typeof readingOnce>

/**
 * Profiles with the block that cannot be read for now, and why. They are not forgotten: a later run has to find the block.
 *
 * @throws CliError where they hold values themselves: those would stay beside the new ones
 */
function unreadProfiles({ startup }: State, read: Read): ReadonlyMap<string, CliError> {
  const unread = new Map(
    (startup?.profiles ?? []).flatMap((path) => {
      const file = read(path)
      return 'problem' in file && file.why !== 'no-file' ? [[path, file.problem] as const] : []
    }),
  )
  const [problem] = unread.values()
  if (problem !== undefined && startup?.isInline === true) throw problem
  return unread
}

/** What a file is written in, and what parses it. */
interface Language {
  readonly shell: LoginShell
  readonly parses: Parses
}

interface Languages {
  /** That of the shell that is set up; for one that nobody knows, of sh. */
  readonly ofShell: Language
  of(path: string): Promise<Language>
}

/** A file may be left from another shell that was set up before, and goes on in its language. */
async function languagesOf(place: PreparedPlace, system: System): Promise<Languages> {
  const languageOf = (shell: LoginShell, program: string): Language => ({
    shell,
    parses: parserOf(shell, program, system),
  })
  const ofShell = place.kind === 'known-shell' ? languageOf(place.shell, place.program) : languageOf(sh, sh.name)
  const posix = ofShell.shell.family === 'posix' ? ofShell : languageOf(sh, sh.name)
  return {
    ofShell,
    of: async (path) => {
      const other = otherLanguageOf(path)?.shell
      if (other === undefined) return posix
      return other === ofShell.shell.name ? ofShell : languageOf(await loginShellNamed(other), other)
    },
  }
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

/** Where it is and what kind of file, which is all that a plan takes. */
type WrittenFile = Pick<DropInPoint, 'kind' | 'path'> | Pick<BlockPoint, 'kind' | 'path' | 'preamble'>

function otherFile(path: string): WrittenFile {
  return { kind: 'block', path, preamble: [] }
}

/** One that was written to before, if it still has the block. */
function earlierFile(path: string, file: ReturnType<Read>): readonly WrittenFile[] {
  if ('problem' in file || !hasMarker(file.bytes)) return []
  return [isDropIn(file.bytes) ? { kind: 'drop-in', path } : otherFile(path)]
}

/** Start-up files in which an older value would stay: scripts that read them would get it beside the new token. */
async function filesWithExports(
  { startup: { files, loadPoints } }: KnownShellPlace,
  names: readonly string[],
  parses: Parses,
  read: Read,
): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of files) {
    if (loadPoints.some((point) => point.path === path)) continue
    const file = read(path)
    if ('problem' in file || file.bytes === undefined || hasMarker(file.bytes)) continue
    const { bytes } = file
    if ((await findLiteralExports(bytes, names, findMentions(bytes, names, undefined), undefined, parses)).length > 0)
      found.push(path)
  }
  return found
}
