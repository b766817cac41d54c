import { dirname } from 'node:path'
import { sweepTemporaries } from '../../../files/change/replace.ts'
import { filesToWriteInPlace } from '../../../files/extended-attributes.ts'
import { applyFileSteps } from '../../../store/change/perform.ts'
import type { Plan } from '../../../store/plan.ts'
import { changedSince, markFiles } from '../../../store/seen.ts'
import { readState, stateStep } from '../../../store/state.ts'
import type { System } from '../../../system/system.ts'
import { ownFiles } from '../find.ts'
import type { PosixPlace } from '../place.ts'

/** Performs a plan and reads back what was written; takes away what killed runs have left. */
export async function applyPlan({ steps }: Plan, place: PosixPlace, system: System): Promise<void> {
  // Our own files are private and need no look; a token that is renewed starts no program.
  const foreign = steps.flatMap((step) =>
    step.kind === 'write' && step.file.stats !== undefined && dirname(step.path) !== place.directory ? [step] : [],
  )
  const changedBefore = foreign.length === 0 ? [] : changedFiles(place)
  const inPlace =
    foreign.length === 0
      ? new Set<string>()
      : await filesToWriteInPlace(
          foreign.map(({ file }) => file.path),
          system,
        )
  applyFileSteps(steps, place.directory, inPlace)
  markOwnWrites(
    foreign.map(({ path }) => path).filter((path) => !changedBefore.includes(path)),
    place,
  )
  sweepTemporaries(ownFiles(place))
}

function changedFiles({ directory, home }: PosixPlace): readonly string[] {
  const { seen } = readState(directory, home)
  return seen === undefined ? [] : changedSince(seen)
}

/**
 * What we have written ourselves is no reason to doubt what new shells were seen to have: a token that is renewed within a
 * profile changes nothing about how it is read.
 */
function markOwnWrites(paths: readonly string[], { directory, home }: PosixPlace): void {
  const state = readState(directory, home)
  const { seen } = state
  if (seen === undefined || !seen.files.some(({ path }) => paths.includes(path))) return
  const files = seen.files.map((file) => (paths.includes(file.path) ? (markFiles([file.path])[0] ?? file) : file))
  applyFileSteps(stateStep(directory, { ...state, seen: { ...seen, files } }, home), directory)
}
