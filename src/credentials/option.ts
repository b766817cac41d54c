import { UsageError } from '../errors.ts'
import type { EntraSupplier } from '../store/remembered-source.ts'
import type { Terminal } from '../system/terminal.ts'
import { connectionStringQuestion } from '../ui/connection-string-question.ts'
import type { Next } from '../ui/prompts.ts'
import { readSecretInput } from '../ui/secret-input.ts'
import type { Surroundings } from '../ui/surroundings.ts'
import { parseConnectionString } from '../values/connection-string.ts'
import { azureCliSource } from './azure-cli.ts'
import { commandSource } from './command.ts'
import { entraSource } from './entra.ts'
import type { Source, SourceOptions } from './source.ts'

/** The options that name a source, and those that say more about one of them. */
const SOURCES = [
  'connectionString',
  'connectionStringStdin',
  'connectionStringCommand',
  'fromAz',
  'endpoint',
] as const satisfies readonly (keyof SourceOptions)[]

/** Whether the command line names a source. More than one is a `UsageError`. */
export function namesSource(options: SourceOptions): boolean {
  const named = SOURCES.filter((name) => options[name] !== undefined)
  if (named.length > 1) {
    throw new UsageError('The connection string is given in more than one way.', {
      hint: 'give one of --connection-string, --connection-string-stdin, --connection-string-command, --from-az and --endpoint',
    })
  }
  requireBeside('--subscription', options.subscription, ['fromAz', 'endpoint'], options)
  requireBeside('--entra-token-command', options.entraTokenCommand, ['endpoint'], options)
  if (options.subscription !== undefined && options.entraTokenCommand !== undefined) {
    throw new UsageError('--subscription and --entra-token-command do not go together.', {
      hint: 'leave one of them out',
    })
  }
  return named.length === 1
}

function requireBeside(
  name: string,
  value: string | undefined,
  others: readonly ('fromAz' | 'endpoint')[],
  options: SourceOptions,
): void {
  if (value === undefined || others.some((other) => options[other] !== undefined)) return
  const needed = others.map((other) => (other === 'fromAz' ? '--from-az' : '--endpoint')).join(' or ')
  throw new UsageError(`${name} belongs to ${needed}.`, { hint: `give ${needed} too` })
}

/**
 * The source that the command line names, if it names one. More than one is a `UsageError`.
 *
 * @param next what follows if a person has to be asked
 */
export function namedSource(options: SourceOptions, surroundings: Surroundings, next: Next): Source | undefined {
  if (!namesSource(options)) return undefined
  const { system, terminal } = surroundings
  const { connectionString, connectionStringCommand, fromAz, subscription, endpoint, entraTokenCommand } = options
  if (connectionString !== undefined) return valueSource(connectionString)
  if (connectionStringCommand !== undefined) return commandSource(connectionStringCommand, undefined, system)
  if (fromAz !== undefined) {
    const resource = fromAz === true ? undefined : fromAz
    return azureCliSource({ resource, subscription, mayAsk: terminal.canAsk && !options.yes }, surroundings)
  }
  if (endpoint !== undefined) {
    const supplier: EntraSupplier =
      entraTokenCommand === undefined
        ? { kind: 'azure-cli', subscription }
        : { kind: 'command', command: entraTokenCommand, directory: system.workingDirectory }
    return entraSource(endpoint, supplier, surroundings)
  }
  return standardInputSource(system.self.command, terminal, next)
}

function valueSource(text: string): Source {
  return {
    words: 'the value of --connection-string',
    find: async () => ({ ...parseConnectionString(text, true), source: undefined }),
  }
}

/** What is piped in; at a terminal, which would show it, the person there is asked. */
function standardInputSource(program: string, terminal: Terminal, next: Next): Source {
  return {
    words: 'standard input',
    find: async () => {
      const read = terminal.canAsk
        ? await (await import('../ui/prompts.ts')).ask(connectionStringQuestion(program), terminal, next)
        : parseConnectionString(await readSecretInput('Connection string', terminal))
      return { ...read, source: undefined }
    },
  }
}
