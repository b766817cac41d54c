import { CONNECTION_STRING_QUESTION } from '../ui/connection-string-question.ts'
import type { Next } from '../ui/prompts.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { Source } from './source.ts'

/** The person at the terminal. */
export function promptSource({ terminal, reporter }: Pick<Surroundings, 'terminal' | 'reporter'>, next: Next): Source {
  return {
    words: 'what was entered',
    find: async () => {
      const { ask } = await import('../ui/prompts.ts')
      reporter.show('Copy the connection string from Keys in the Azure portal; it will not be shown.\n')
      return ask(CONNECTION_STRING_QUESTION, terminal, next)
    },
  }
}
