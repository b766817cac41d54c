import { CancelledError, UsageError } from '../errors.ts'
import type { Terminal } from '../system/terminal.ts'

/** Asks before something that cannot be undone. Without a terminal it takes `--yes`; "no" throws a `CancelledError`. */
export async function confirmDestruction(
  message: string,
  { options, terminal }: { readonly options: { readonly yes?: true }; readonly terminal: Terminal },
): Promise<void> {
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
