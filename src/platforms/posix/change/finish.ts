import { leftoverSteps, requestForCopy, tidyParked } from '../../../store/change/parking.ts'
import { applyFileSteps } from '../../../store/change/perform.ts'
import { brokenSwitch } from '../../../store/resources.ts'
import type { System } from '../../../system/system.ts'
import { findStored, rememberedWish } from '../find.ts'
import { findPlace, preparePlace, type PosixTraits } from '../place.ts'
import { applyPlan } from './apply.ts'
import { planStore } from './store.ts'

/** Finishes a change of the current resource that a killed run has left: puts it in place, and removes its copy. */
export async function finishSwitch(traits: PosixTraits, system: System): Promise<void> {
  const place = findPlace(system)
  const found = await findStored(place)
  const broken = brokenSwitch(place.directory, found)
  if (broken?.kind === 'leftover') applyFileSteps(leftoverSteps(place.directory, broken.name), place.directory)
  if (broken?.kind !== 'unfinished') {
    tidyParked(place.directory)
    return
  }
  const prepared = await preparePlace(traits, await rememberedWish(place), system)
  const request = requestForCopy(broken.name, broken.copy, found.state)
  await applyPlan(await planStore(prepared, request, system), prepared, system)
}
