import { sweepTemporaries } from '../files/replace.ts'
import { applyFileSteps } from './file-steps.ts'
import { requireComplete, type Plan } from './platform.ts'
import { ownFiles } from './posix-find.ts'
import type { PosixPlace } from './posix-place.ts'

/** Performs a plan and reads back what was written; takes away what killed runs have left. */
export function applyPlan(plan: Plan, place: PosixPlace): void {
  requireComplete(plan)
  applyFileSteps(plan.steps, place.directory)
  sweepTemporaries(ownFiles(place))
}
