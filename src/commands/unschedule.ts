import { openStore } from '../platforms/resolve.ts'
import { draftRemoval, hasNothing, removeSchedule } from '../schedule/change/remove.ts'
import { renderSteps, stepsDocument } from '../schedule/change/text.ts'
import type { CommandContext } from './context.ts'

/** `acs-env unschedule`: takes the job away, and everything that was made for it. */
export async function run({ options, system, terminal, reporter }: CommandContext<'unschedule'>): Promise<void> {
  const store = await openStore(system)
  if (options.dryRun) {
    const draft = await system.interruptible((signal) => draftRemoval(store.directory, system, signal))
    for (const { message } of draft.failures) reporter.warn(message)
    const { show } = store.describe()
    const directory =
      draft.directory === undefined ? '' : `  ${show(draft.directory)}\n    - (the directory goes away)\n`
    const document = {
      dry_run: true,
      changes: [
        ...stepsDocument(draft.steps),
        ...(draft.directory === undefined ? [] : [{ where: draft.directory, change: 'remove' }]),
      ],
    }
    const text = hasNothing(draft) ? 'Nothing is scheduled.\n' : `${renderSteps(draft.steps, show)}${directory}`
    return terminal.answer(options.json ? `${JSON.stringify(document)}\n` : text)
  }
  const { removed, scheduler, failures } = await removeSchedule(store.directory, { system, reporter })
  const [failure, ...others] = failures
  for (const { message } of others) reporter.warn(message)
  if (failure !== undefined) throw failure
  if (options.json) return terminal.answer(`${JSON.stringify({ removed, scheduler: scheduler ?? null })}\n`)
  const nothing = removed.length === 0
  reporter.show(
    nothing
      ? 'Nothing was scheduled.\n'
      : `${reporter.style('green', '✓')} The token is not renewed in the background any more.\n`,
  )
}
