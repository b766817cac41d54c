import { sweepTemporaries } from '../../../files/change/replace.ts'
import { applyFileSteps } from '../../../store/change/perform.ts'
import { requireComplete, type Plan } from '../../../store/store.ts'
import { ownFiles } from '../find.ts'
import type { PosixPlace } from '../place.ts'

/** Performs a plan and reads back what was written; takes away what killed runs have left. */
export function applyPlan(plan: Plan, place: PosixPlace): void {
  requireComplete(plan)
  applyFileSteps(plan.steps, place.directory)
  sweepTemporaries(ownFiles(place))
}
