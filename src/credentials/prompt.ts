import { connectionStringQuestion } from '../ui/connection-string-question.ts'
import type { Next } from '../ui/prompts.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import type { Source } from './source.ts'

/** The person at the terminal. */
export function promptSource({ system, terminal, reporter }: Surroundings, next: Next): Source {
  const program = system.self.command
  return {
    words: 'what was entered',
    find: async () => {
      const { ask } = await import('../ui/prompts.ts')
      reporter.show(
        'Copy the connection string from Keys in the Azure portal; it will not be shown.\n' +
          `None at hand? Enter says where to get one; "${program} demo" needs none.\n`,
      )
      return { ...(await ask(connectionStringQuestion(program), terminal, next)), source: undefined }
    },
  }
}
