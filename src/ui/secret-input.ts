import type { Terminal } from '../system/terminal.ts'

/**
 * The secret that an option such as `--connection-string-stdin` takes from standard input. Where that is a terminal the
 * person there is asked for it, since a terminal would show what is pasted.
 *
 * @param message what to call it
 */
export async function readSecretInput(message: string, terminal: Terminal): Promise<string> {
  if (!terminal.canAsk) return terminal.readInput()
  const { ask } = await import('./prompts.ts')
  return ask({ kind: 'secret', message }, terminal)
}
