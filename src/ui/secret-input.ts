import { UsageError } from '../errors.ts'
import type { Terminal } from '../system/terminal.ts'
import type { Taken } from './questions.ts'

/**
 * The secret that an option such as `--connection-string-stdin` takes from standard input. Where that is a terminal the
 * person there is asked for it, since a terminal would show what is pasted; where nobody can be, it is not read.
 *
 * @param message what to call it
 */
export async function readSecretInput(message: string, terminal: Terminal): Promise<string> {
  if (!terminal.canAsk) {
    if (!terminal.inputIsTerminal) return terminal.readInput()
    throw new UsageError('Standard input is a terminal that would show what is pasted.', {
      hint: 'pipe it in, or leave standard error on the terminal to be asked',
    })
  }
  const { ask } = await import('./prompts.ts')
  const read = (text: string): Taken<string> => ({
    kind: 'taken',
    value: text,
    shown: `${text.trim().length} characters`,
  })
  return ask({ kind: 'secret', message, read }, terminal)
}
