import { tryReadFileState } from '../../files/read.ts'
import { splitGitignoreRemoval } from '../../store/change/gitignore.ts'
import type { Plan, Step } from '../../store/plan.ts'
import type { Stored } from '../../store/stored.ts'
import { tryToPlan } from './edits.ts'
import { requireSafeMemory } from './guard.ts'
import { homeOf } from './home.ts'
import { forgottenFile, planLinesRemoval, rememberedFile, type Removal } from './lines-removal.ts'
import { isOursIn, type Known } from './ownership.ts'
import { readTakenRecords, recordsFile, recordsStep, type TakenRecord, type TakenRecords } from './taken-records.ts'
import type { Planning } from './targets.ts'

/** What becomes of the files, of what is stored elsewhere, and of the lines that are noted. */
export interface TargetsRemoval {
  readonly files: Plan
  /** What is noted afterwards. */
  readonly records: TakenRecords
}

/**
 * The steps of a removal in their order. What is noted goes last: as long as a file is remembered, what stands in it may
 * be ours. Where notes stay, so does the `.gitignore` that covers them.
 */
export function removalSteps(
  files: readonly Step[],
  own: readonly Step[],
  records: TakenRecords,
  { directory, system }: Pick<Planning, 'directory' | 'system'>,
): readonly Step[] {
  const { ignore, others } = splitGitignoreRemoval(directory, own)
  const notes = recordsStep(directory, records, homeOf(system))
  return [...files, ...others, ...notes, ...(records.size === 0 ? ignore : [])]
}

/**
 * Takes the values out of the remembered files, and gives back what gave way to them; also in a file of which nothing
 * but that is known any more.
 */
export async function planTargetsRemoval(stored: Stored, planning: Planning): Promise<TargetsRemoval> {
  const { directory, system } = planning
  const { dotenv } = stored.state
  const records = readTakenRecords(directory, homeOf(system))
  const forgotten = [...records].filter(([path]) => !dotenv.some(({ file }) => file === path))
  if (dotenv.length > 0 || forgotten.length > 0) requireSafeMemory(system, 'removes')
  const ofRemembered = dotenv.map((target) => {
    const record = records.get(target.file)
    const known = { stored, target, record, records }
    const file = tryReadFileState(target.file)
    return planLinesRemoval(rememberedFile(target, record), file, (state) => isOursIn(state, known), record, planning)
  })
  const ofForgotten = await Promise.all(
    forgotten.map(([path, record]) =>
      planForgotten(path, record, { stored, target: undefined, record, records }, planning),
    ),
  )
  const all = [...ofRemembered, ...ofForgotten]
  return {
    files: {
      steps: all.flatMap(({ steps }) => steps),
      places: all.flatMap(({ places }) => places),
      warnings: all.flatMap(({ warnings }) => warnings),
      notes: all.flatMap(({ notes }) => notes),
    },
    records: new Map(all.flatMap(({ file, taken }) => (taken === undefined ? [] : [[file, taken]]))),
  }
}

/** What is wrong with one keeps nothing else from being removed. */
async function planForgotten(path: string, record: TakenRecord, known: Known, planning: Planning): Promise<Removal> {
  const planned = await tryToPlan(() =>
    planLinesRemoval(
      forgottenFile(path, record),
      tryReadFileState(path),
      (state) => isOursIn(state, known),
      record,
      planning,
    ),
  )
  if (!('problem' in planned)) return planned
  const keptIn = planning.show(recordsFile(planning.directory).path)
  const warning = `${planned.problem.message} What acs-env has noted of it stays in ${keptIn}.`
  return { file: path, steps: [], places: [], warnings: [warning], notes: [], taken: record }
}
