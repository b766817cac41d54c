import type { FileState } from '../../files/read.ts'
import { gitignoreStep } from '../../store/change/gitignore.ts'
import type { Step, ToCome } from '../../store/plan.ts'
import type { Store } from '../../store/store.ts'
import type { DotenvTarget, Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import type { Wanted } from './edits.ts'
import { hasOwnForm, homeOf, judgeOf } from './removal.ts'
import { areOf, takeLines } from './taken-lines.ts'
import { readTakenRecords, recordsStep } from './taken-records.ts'

/** What is known of a file that is about to change. */
interface Known {
  readonly base: Store
  readonly stored: Stored
  readonly remembered: DotenvTarget | undefined
  readonly system: System
}

/** Notes the lines of the file that are not of acs-env and will give way, for `unset` to give back. */
export function takenSteps(
  { path, bytes = Buffer.alloc(0) }: FileState,
  wanted: Wanted<ToCome>,
  { base: { directory }, stored, remembered, system }: Known,
): readonly Step[] {
  const home = homeOf(system)
  const records = readTakenRecords(directory, home)
  const earlier = records.get(path)
  const names = new Set(wanted.keys())
  // Of a file that is not remembered, what was noted tells whether it is still the one in which our lines stand.
  const isForgotten = remembered === undefined && earlier !== undefined && areOf(earlier, bytes, names)
  const ofForgotten = isForgotten ? hasOwnForm : (): boolean => false
  const isOurs = remembered === undefined ? ofForgotten : judgeOf(stored, remembered)
  const taken = takeLines(bytes, names, isOurs, earlier)
  if (taken === undefined || taken === earlier) return []
  const notes = recordsStep(directory, new Map([...records, [path, taken]]), home)
  return [...notes, ...(system.platform === 'win32' ? [] : gitignoreStep(directory))]
}
