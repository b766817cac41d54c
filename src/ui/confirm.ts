import type { CommandContext } from '../commands/context.ts'
import { CancelledError, UsageError } from '../errors.ts'

/** Asks before something that cannot be undone. Without a terminal it takes `--yes`; "no" throws a `CancelledError`. */
export async function confirmDestruction(message: string, { options, terminal }: CommandContext): Promise<void> {
  if (options.yes) return
  if (!terminal.canAsk) {
    throw new UsageError('This cannot be undone, and there is no terminal to ask at.', {
      code: 'not_confirmed',
      hint: 'give --yes',
    })
  }
  const { ask } = await import('./prompts.ts')
  if (!(await ask({ kind: 'confirm', message, initial: false }, terminal))) throw new CancelledError()
}
