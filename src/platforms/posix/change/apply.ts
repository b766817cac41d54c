import { dirname } from 'node:path'
import { filesToWriteInPlace, lookAhead, type EarlierLook } from '../../../files/change/extended-attributes.ts'
import { sweepTemporaries, type Loss } from '../../../files/change/replace.ts'
import { shellPath } from '../../../shells/posix-words.ts'
import { tidyParked } from '../../../store/change/parking.ts'
import { applyFileSteps, type FileLosses } from '../../../store/change/perform.ts'
import { stateStep } from '../../../store/change/state.ts'
import type { Plan, Step, ToCome } from '../../../store/plan.ts'
import { changedSince, markFile } from '../../../store/seen.ts'
import { readState } from '../../../store/state.ts'
import type { System } from '../../../system/system.ts'
import { printable } from '../../../text/printable.ts'
import { ownFiles } from '../find.ts'
import type { PosixPlace } from '../place.ts'

/** Begins to find out how the files of the user's are to be written that a plan like this one changes. */
export function lookAheadAt(plan: Plan<ToCome>, place: PosixPlace, system: System): EarlierLook {
  return lookAhead(
    foreignSteps(plan, place).map(({ file }) => file.path),
    system,
  )
}

/**
 * Performs a plan and reads back what was written; takes away what killed runs have left.
 *
 * @returns a sentence for each file that has lost rights or names, since it could be replaced but not written to
 */
export async function applyPlan(
  plan: Plan,
  place: PosixPlace,
  system: System,
  earlier?: EarlierLook,
): Promise<readonly string[]> {
  const foreign = foreignSteps(plan, place)
  const changedBefore = foreign.length === 0 ? [] : changedFiles(place)
  const paths = foreign.map(({ file }) => file.path)
  const inPlace = await filesToWriteInPlace(paths, system, earlier)
  const lost = applyFileSteps(plan.steps, place.directory, inPlace)
  markOwnWrites(
    foreign.flatMap(({ path }) => [path, dirname(path)]).filter((path) => !changedBefore.includes(path)),
    place,
  )
  sweepTemporaries(ownFiles(place))
  tidyParked(place.directory)
  return lost.map((losses) => lossText(losses, place.home))
}

type WriteStep<Missing extends ToCome> = Extract<Step<Missing>, { kind: 'write' }>

/** Our own files are private and need no look, so that renewing a token starts no program. */
function foreignSteps<Missing extends ToCome>(
  { steps }: Plan<Missing>,
  place: PosixPlace,
): readonly WriteStep<Missing>[] {
  return steps.flatMap((step) =>
    step.kind === 'write' && step.file.stats !== undefined && !isOurs(step.path, place) ? [step] : [],
  )
}

function isOurs(path: string, { directory }: PosixPlace): boolean {
  return path.startsWith(`${directory}/`)
}

/** What can be done about each kind of loss is up to the owner of the file: nobody else can give it back. */
const LOST: Readonly<Record<Loss, string>> = {
  owner: 'its owner',
  group: 'its group',
  'other names': 'its other names (hard links, which keep the old contents)',
  'access list or attributes': 'its access list or extended attributes',
}

function lossText({ path, losses }: FileLosses, home: string): string {
  const what = losses.map((loss) => LOST[loss]).join(' and ')
  const shown = printable(shellPath(path, home))
  return `${shown} could not keep ${what}; nobody has more rights to it than before, and some may have less.`
}

function changedFiles({ directory, home }: PosixPlace): readonly string[] {
  return changedSince(readState(directory, home).seen)
}

/**
 * Our own writes are no reason to doubt what new shells were seen to have: a new token within a profile does not change
 * how the profile is read.
 */
function markOwnWrites(paths: readonly string[], { directory, home }: PosixPlace): void {
  const state = readState(directory, home)
  const { seen } = state
  if (seen === undefined || !seen.files.some(({ path }) => paths.includes(path))) return
  const files = seen.files.map((file) => (paths.includes(file.path) ? markFile(file.path) : file))
  applyFileSteps(stateStep(directory, { ...state, seen: { ...seen, files } }, home), directory)
}
