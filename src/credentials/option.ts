import { UsageError } from '../errors.ts'
import type { Terminal } from '../system/terminal.ts'
import { CONNECTION_STRING_QUESTION } from '../ui/connection-string-question.ts'
import type { Next } from '../ui/prompts.ts'
import { readSecretInput } from '../ui/secret-input.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import { parseConnectionString } from '../values/connection-string.ts'
import { commandSource } from './command.ts'
import type { Source, SourceOptions } from './source.ts'

/** Whether the command line names a source. More than one is a `UsageError`. */
export function namesSource(options: SourceOptions): boolean {
  const { connectionString, connectionStringStdin, connectionStringCommand } = options
  const named = [connectionString, connectionStringStdin, connectionStringCommand].filter(
    (value) => value !== undefined,
  )
  if (named.length > 1) {
    throw new UsageError('The connection string is given in more than one way.', {
      hint: 'give one of --connection-string, --connection-string-stdin and --connection-string-command',
    })
  }
  return named.length === 1
}

/**
 * The source that the command line names, if it names one. More than one is a `UsageError`.
 *
 * @param next what follows if a person has to be asked
 */
export function namedSource(
  options: SourceOptions,
  { system, terminal }: Surroundings,
  next: Next,
): Source | undefined {
  if (!namesSource(options)) return undefined
  const { connectionString, connectionStringCommand } = options
  if (connectionString !== undefined) return valueSource(connectionString)
  if (connectionStringCommand !== undefined) return commandSource(connectionStringCommand, system)
  return standardInputSource(terminal, next)
}

function valueSource(text: string): Source {
  return { words: 'the value of --connection-string', find: async () => parseConnectionString(text, true) }
}

/** What is piped in; at a terminal, which would show it, the person there is asked. */
function standardInputSource(terminal: Terminal, next: Next): Source {
  return {
    words: 'standard input',
    find: async () => {
      if (!terminal.canAsk) return parseConnectionString(await readSecretInput('Connection string', terminal))
      const { ask } = await import('../ui/prompts.ts')
      return ask(CONNECTION_STRING_QUESTION, terminal, next)
    },
  }
}
