import { CliError } from '../../errors.ts'
import type { FileState, UnreadableFile } from '../../files/read.ts'
import { goesAway } from '../../store/own-files.ts'
import type { Place, Shown, Step } from '../../store/plan.ts'
import { DEFAULT_VARIABLES, type DotenvTarget } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { ENDPOINT_NAME } from '../../values/variable-name.ts'
import { trustedMode } from '../posix/guard.ts'
import { findPlace } from '../posix/place.ts'
import { ownerObstacle } from './guard.ts'
import { lineThatHides, removeFromDotenv, valuesInDotenv } from './merge.ts'
import { supersededWarnings } from './notes.ts'
import { giveBack, namesOf } from './taken-lines.ts'
import { recordsFile, type TakenRecord } from './taken-records.ts'
import type { Planning } from './targets.ts'
import { decode } from './text.ts'

/** A file that our lines are taken out of. */
export interface FileToRemoveFrom {
  /** Where it really is. */
  readonly path: string
  readonly names: readonly string[]
  /** It was made for our lines. */
  readonly created: boolean
  readonly addedNewline: boolean
  /** The permission bits that it had before it was made private. */
  readonly mode: number | undefined
}

/** One that is remembered. */
export function rememberedFile(
  { file, variables, created, addedNewline, mode }: DotenvTarget,
  record: TakenRecord | undefined,
): FileToRemoveFrom {
  const names = new Set([...variables.map(({ name }) => name), ...(record?.names ?? [])])
  return { path: file, names: [...names], created, addedNewline, mode: mode ?? record?.mode }
}

/** One of which nothing but the record is known, or not even that. */
export function forgottenFile(path: string, record: TakenRecord | undefined): FileToRemoveFrom {
  const usual = [...DEFAULT_VARIABLES.map(({ name }) => name), ENDPOINT_NAME]
  return { path, names: record?.names ?? usual, created: false, addedNewline: false, mode: record?.mode }
}

/** What changes when our lines are taken out of a file. */
export interface Removal {
  readonly file: string
  readonly steps: readonly Step[]
  readonly places: readonly Place[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
  /** The lines of the user's that are still to be given back afterwards. */
  readonly taken: TakenRecord | undefined
}

/**
 * Takes the lines out that are ours, and gives those back that gave way to them; a file that was made for ours and has
 * nothing else in it goes.
 *
 * @param file as it is now
 * @param ownership judges a value that stands under one of the names, in the file as it is
 * @param shown the file as the user knows it
 */
export function planLinesRemoval(
  target: FileToRemoveFrom,
  file: FileState | UnreadableFile,
  ownership: (file: FileState) => (value: string) => boolean,
  record: TakenRecord | undefined,
  { directory, system, show }: Planning,
  shown = show(target.path),
): Removal {
  const { path, names } = target
  const taken = record === undefined || record.lines.length === 0 ? undefined : record
  const keptIn = show(recordsFile(directory).path)
  if ('problem' in file && file.why !== 'no-file') throw file.problem
  if ('problem' in file || file.bytes === undefined) {
    const what = 'problem' in file ? 'is no file any more' : 'does not exist any more'
    const gone = `${shown} ${what}; the lines that acs-env took over from it stay in ${keptIn}.`
    return { file: path, steps: [], places: [], warnings: taken === undefined ? [] : [gone], notes: [], taken }
  }
  requireText(file.bytes, names, shown)
  const isOurs = ownership(file)
  const removed = removeFromDotenv(
    file.bytes,
    ({ name, value }) => names.includes(name) && isOurs(value),
    target.addedNewline,
  )
  const given = taken === undefined ? undefined : giveBack(removed.bytes, removed.lines, taken)
  const bytes = given?.kind === 'given' ? given.bytes : removed.bytes
  const [returned, superseded] = given?.kind === 'given' ? [given.returned, given.superseded] : [[], []]
  const rest = {
    file: path,
    warnings: [
      ...(given?.kind === 'unclear'
        ? [`Nobody can tell where the lines go that acs-env took over from ${shown}; they stay in ${keptIn}.`]
        : []),
      ...supersededWarnings(superseded, shown),
    ],
    notes: [
      ...remainingNotes(removed.bytes, names, shown),
      ...returned.map((name) => `${shown} has your ${name} again.`),
    ],
    taken: given?.kind === 'given' ? undefined : taken,
  }
  if (bytes.equals(file.bytes)) return { ...rest, steps: [], places: [] }
  const obstacle = ownerObstacle(file, system)
  if (obstacle !== undefined) throw obstacle
  requireNothingLeft(removed.bytes, file.bytes, isOurs, names, shown)
  const places = namesOf(removed.lines).map((name) => ({ name, where: path }))
  return { ...rest, places, steps: [removalStep(file, bytes, target, shownAs(places, returned), system)] }
}

/** Throws where the values may be in what is no text any more: nobody could tell where a line of it ends. */
function requireText(bytes: Buffer, names: readonly string[], shown: string): void {
  if (typeof decode(bytes) === 'string') return
  // In UTF-16 every other byte is zero.
  const text = bytes.toString('latin1').replaceAll('\0', '')
  if (!names.some((name) => text.includes(name))) return
  throw new CliError(`${shown} is no text in UTF-8 any more, and the values may be in it.`, {
    code: 'dotenv',
    hint: 'save it as UTF-8 with the usual line endings, or delete the lines with the values, and run this again',
  })
}

function removalStep(file: FileState, bytes: Buffer, target: FileToRemoveFrom, shown: Shown, system: System): Step {
  const { path } = file
  if (bytes.length > 0 || !target.created) {
    return { kind: 'write', path, file, contents: bytes, mode: modeAfter(target, system), shown }
  }
  return { kind: 'remove', path, file, link: undefined, shown: goesAway('goes away, nothing else is in it') }
}

function shownAs(places: readonly Place[], returned: readonly string[]): Shown {
  return {
    kind: 'shown',
    summary: places.length === 0 ? 'with your own lines' : 'without the values',
    lines: [...places.map(({ name }) => `- ${name}`), ...returned.map((name) => `+ your own ${name} returns`)],
  }
}

function remainingNotes(bytes: Buffer, names: readonly string[], shown: string): readonly string[] {
  const left = valuesInDotenv(bytes, names)
  const hiding = lineThatHides(bytes, names)
  return [
    ...[...left.keys()].map((name) => `${shown} has a ${name} that is not of acs-env; it stays.`),
    ...(hiding === undefined
      ? []
      : [
          `line ${hiding} of ${shown} has a quote that does not end, and the names stand behind it; all of that stays.`,
        ]),
  ]
}

function modeAfter({ mode }: FileToRemoveFrom, system: System): number | undefined {
  return system.platform === 'win32' ? undefined : trustedMode(mode, findPlace(system))
}

/** Throws where a stored value is still there: what follows a quote that does not end was not searched. */
function requireNothingLeft(
  after: Buffer,
  before: Buffer,
  isOurs: (value: string) => boolean,
  names: readonly string[],
  shown: string,
): void {
  const secrets = [...valuesInDotenv(before, names)].filter(([, value]) => isOurs(value))
  const lines = after.toString('utf8').split('\n')
  const line = lines.findIndex((text) => secrets.some(([, value]) => value !== '' && text.includes(value)))
  if (line === -1) return
  throw new CliError(`Line ${line + 1} of ${shown} has the stored value too, where it cannot be taken out.`, {
    code: 'dotenv',
    hint: 'delete that line, and run this again',
  })
}
