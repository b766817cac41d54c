import type { CommandContext } from '../commands/context.ts'
import { CliError, UsageError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import { requireUninterrupted } from '../system/interruption.ts'
import { readSecretInput } from '../ui/secret-input.ts'
import { validator } from '../ui/validator.ts'
import { parseConnectionString, type ConnectionString } from '../values/connection-string.ts'
import { CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import { readAzureCliConnectionString } from './azure-cli-config.ts'

/** The user may have to unlock a password manager first. */
const COMMAND_TIMEOUT_MS = 120_000

/** Places to look in when none was named on the command line, in words for messages. */
const PLACES = {
  store: 'the stored connection string',
  environment: `${CONNECTION_STRING_NAME} in the environment`,
  'azure-cli': 'the connection string in the configuration of the Azure CLI',
} as const

export type Place = keyof typeof PLACES

/**
 * The connection string to use: from an option, else from the first of `order` that has one, else from the Azure CLI,
 * else asked for. Says which one was used where two places differ. Without a terminal a missing one is a `UsageError`.
 */
export async function obtainConnectionString(
  context: CommandContext,
  order: readonly [Place, Place],
  stored: Secret | undefined,
  { mayAsk = true }: { readonly mayAsk?: boolean } = {},
): Promise<ConnectionString> {
  const given = await readGiven(context)
  if (given !== undefined) return parseConnectionString(given, context.options.connectionString !== undefined)
  const { system, reporter } = context
  const values: Readonly<Record<Place, string | undefined>> = {
    store: stored?.reveal(),
    environment: system.env[CONNECTION_STRING_NAME],
    'azure-cli': readAzureCliConnectionString(system),
  }
  const [first, second] = order
  const place = ([first, second, 'azure-cli'] as const).find((candidate) => values[candidate] !== undefined)
  if (place === undefined) return askForConnectionString(context, mayAsk)
  const used = parseFrom(place, values[place] ?? '')
  reporter.detail(`Using ${PLACES[place]} (${used.host}).`)
  const other = place === first ? values[second] : undefined
  if (other !== undefined && !sameConnectionString(used, other)) {
    reporter.note(`using ${PLACES[first]} (${used.host}); ${PLACES[second]} is another one.`)
  }
  return used
}

/** Whether the command line says where to take the connection string from. At most one option may. */
export function namesConnectionString({ options }: CommandContext): boolean {
  const { connectionString, connectionStringStdin, connectionStringCommand } = options
  const given = [connectionString, connectionStringStdin, connectionStringCommand].filter(
    (value) => value !== undefined,
  )
  if (given.length > 1) {
    throw new UsageError('The connection string is given in more than one way.', {
      hint: 'give one of --connection-string, --connection-string-stdin and --connection-string-command',
    })
  }
  return given.length === 1
}

async function readGiven(context: CommandContext): Promise<string | undefined> {
  const { options, terminal } = context
  if (!namesConnectionString(context)) return undefined
  if (options.connectionString !== undefined) return options.connectionString
  if (options.connectionStringCommand !== undefined)
    return runForConnectionString(options.connectionStringCommand, context)
  return readSecretInput('Connection string', terminal)
}

async function runForConnectionString(command: string, { system }: CommandContext): Promise<string> {
  const result = await system.interruptible(async (signal) => {
    const ended = await system.run(command, [], {
      shell: true,
      interactive: true,
      timeoutMs: COMMAND_TIMEOUT_MS,
      signal,
    })
    requireUninterrupted(ended, signal)
    return ended
  })
  if (result.kind === 'exited' && result.exitCode === 0) return result.stdout
  const reason = {
    exited: result.kind === 'exited' ? `it ended with exit code ${result.exitCode}` : '',
    killed: 'it was ended by a signal',
    'timed-out': 'it did not end within two minutes',
    'not-started': 'it could not be started',
  }[result.kind]
  throw new CliError(`The command of --connection-string-command failed: ${reason}.`, {
    code: 'command_failed',
    hint: 'run it by itself to see why',
  })
}

async function askForConnectionString(context: CommandContext, mayAsk: boolean): Promise<ConnectionString> {
  const { terminal, options, reporter } = context
  if (!mayAsk || !terminal.canAsk || options.yes) {
    throw new UsageError('There is no connection string.', {
      code: 'missing_connection_string',
      hint: 'give one with --connection-string-stdin, --connection-string-command or --connection-string',
    })
  }
  const { ask } = await import('../ui/prompts.ts')
  reporter.show('Copy the connection string from Keys in the Azure portal; it will not be shown.\n')
  const validate = validator(parseConnectionString)
  return parseConnectionString(await ask({ kind: 'secret', message: 'Connection string', validate }, terminal))
}

/** What was found in one of the places; where it is none, the error says which place that was. */
export function parseFrom(place: Place, text: string): ConnectionString {
  try {
    return parseConnectionString(text, place === 'environment')
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    if (place === 'store') throw damagedStore(error)
    throw new UsageError(`There is something wrong with ${PLACES[place]}: ${lowerFirst(error.message)}`, {
      code: error.code,
      hint: `${error.hint}; or ${place === 'environment' ? `unset ${CONNECTION_STRING_NAME}, or ` : ''}give --connection-string-stdin`,
    })
  }
}

function damagedStore({ code }: CliError): CliError {
  return new CliError('The stored connection string is damaged.', {
    code,
    hint: 'store it again: "acs-env setup --connection-string-stdin"',
  })
}

function sameConnectionString(used: ConnectionString, text: string): boolean {
  try {
    return parseConnectionString(text).secret.equals(used.secret)
  } catch {
    return false
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
