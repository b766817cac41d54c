import { requireWritable } from '../../store/change/perform.ts'
import { gitignoreRemovalStep } from '../../store/own-files.ts'
import { parkedEntries } from '../../store/resources.ts'
import type { Store } from '../../store/store.ts'
import type { System } from '../../system/system.ts'
import { openParked } from './parked.ts'

/** The store whose removal takes every parked resource with it. */
export function withParked(main: Store, system: System): Store {
  const { directory } = main
  const names = parkedEntries(directory).flatMap(({ name, isDirectory }) => (isDirectory ? [name] : []))
  return {
    ...main,
    plan: async (change) => {
      const plan = await main.plan(change)
      if (change.kind !== 'remove') return plan
      const parked = await Promise.all(
        names.map((name) => openParked(main, name, system).plan<never>({ kind: 'remove' })),
      )
      // As long as there are parked resources, the main store does not remove the `.gitignore`.
      const ignore = gitignoreRemovalStep(directory)
      const own = plan.steps.filter((step) => !ignore.some((other) => isSamePath(step, other)))
      requireWritable(ignore, directory)
      return {
        ...plan,
        steps: [...parked.flatMap(({ steps }) => steps), ...own, ...ignore],
        places: [...parked.flatMap(({ places }) => places), ...plan.places],
      }
    },
  }
}

function isSamePath(step: object, other: object): boolean {
  return 'path' in step && 'path' in other && step.path === other.path
}
