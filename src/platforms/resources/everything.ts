import { gitignoreRemovalStep, splitGitignoreRemoval } from '../../store/change/gitignore.ts'
import { leavesNotes } from '../../store/change/notes.ts'
import { requireWritable } from '../../store/change/perform.ts'
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
      const ignore = leavesNotes(directory, plan.steps) ? [] : gitignoreRemovalStep(directory)
      const { others: own } = splitGitignoreRemoval(directory, plan.steps)
      requireWritable(ignore, directory)
      return {
        ...plan,
        steps: [...parked.flatMap(({ steps }) => steps), ...own, ...ignore],
        places: [...parked.flatMap(({ places }) => places), ...plan.places],
      }
    },
  }
}
