import type { Plan } from '../../../store/plan.ts'
import type { Seen } from '../../../store/seen.ts'
import { readState, stateStep } from '../../../store/state.ts'
import type { PosixPlace } from '../place.ts'

/** What has to change for what new shells had to be remembered. */
export function planMemory({ directory, home }: PosixPlace, seen: Seen): Plan {
  const steps = stateStep(directory, { ...readState(directory, home), seen }, home)
  return { steps, places: [], warnings: [], notes: [] }
}
