import { tryReadFileState } from '../../files/read.ts'
import { splitGitignoreRemoval } from '../../store/change/gitignore.ts'
import type { Plan, Step } from '../../store/plan.ts'
import type { Stored } from '../../store/stored.ts'
import { requireSafeMemory } from './guard.ts'
import { homeOf } from './home.ts'
import { forgottenFile, planLinesRemoval, rememberedFile, type Removal } from './lines-removal.ts'
import { isOursIn } from './ownership.ts'
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
export function planTargetsRemoval(stored: Stored, planning: Planning): TargetsRemoval {
  const { directory, system } = planning
  const { dotenv } = stored.state
  const records = readTakenRecords(directory, homeOf(system))
  const forgotten = [...records].filter(([path]) => !dotenv.some(({ file }) => file === path))
  if (dotenv.length > 0 || forgotten.length > 0) requireSafeMemory(system, 'removes')
  const ofRemembered = dotenv.map((target) => {
    const record = records.get(target.file)
    const known = { stored, target, record }
    const file = tryReadFileState(target.file)
    return planLinesRemoval(rememberedFile(target, record), file, (state) => isOursIn(state, known), record, planning)
  })
  const ofForgotten = forgotten.map(([path, record]) => planForgotten(path, record, stored, planning))
  const all = [...ofRemembered, ...ofForgotten]
  const left = new Map(
    [...records].filter(([path]) => all.some(({ file, taken }) => file === path && taken !== undefined)),
  )
  return {
    files: {
      steps: all.flatMap(({ steps }) => steps),
      places: all.flatMap(({ places }) => places),
      warnings: all.flatMap(({ warnings }) => warnings),
      notes: all.flatMap(({ notes }) => notes),
    },
    records: left,
  }
}

/** One that cannot be read keeps nothing else from being removed. */
function planForgotten(path: string, record: TakenRecord, stored: Stored, planning: Planning): Removal {
  const { directory, show } = planning
  const file = tryReadFileState(path)
  if ('problem' in file && file.why !== 'no-file') {
    const keptIn = show(recordsFile(directory).path)
    const warning = `${file.problem.message} The lines that acs-env took over from it stay in ${keptIn}.`
    return { file: path, steps: [], places: [], warnings: [warning], notes: [], taken: record }
  }
  const known = { stored, target: undefined, record }
  return planLinesRemoval(forgottenFile(path, record), file, (state) => isOursIn(state, known), record, planning)
}
