import { requireWritable } from '../../../store/change/perform.ts'
import { stateStep } from '../../../store/change/state.ts'
import type { Plan } from '../../../store/plan.ts'
import type { Seen } from '../../../store/seen.ts'
import { readState } from '../../../store/state.ts'
import type { Invalidated } from '../../../store/stored.ts'
import type { System } from '../../../system/system.ts'
import { requireSafePlace } from '../guard.ts'
import type { PosixPlace } from '../place.ts'

/** What has to change for what new shells had to be remembered. */
export function planMemory({ directory, home }: PosixPlace, seen: Seen): Plan {
  const steps = stateStep(directory, { ...readState(directory, home), seen }, home)
  return { steps, places: [], warnings: [], notes: [] }
}

/** What has to change for the stored token to count as expired. */
export function planInvalidation(place: PosixPlace, invalidated: Invalidated, system: System): Plan {
  const { directory, home } = place
  requireSafePlace(place, system, 'stores')
  const steps = stateStep(directory, { ...readState(directory, home), invalidated }, home)
  requireWritable(steps, directory)
  return { steps, places: [], warnings: [], notes: [] }
}
