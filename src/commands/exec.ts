import type { CommandContext, Outcome } from '../context.ts'
import { CliError } from '../errors.ts'
import type { ConnectionString } from '../inputs/connection-string.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../inputs/variable-name.ts'
import { DEFAULT_VARIABLES, type Stored } from '../platforms/platform.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import { freshToken } from '../renewal/fresh-token.ts'
import { nothingStored, storedEndpoint } from '../renewal/stored-token.ts'
import type { Secret } from '../secret.ts'
import { namesConnectionString, obtainConnectionString } from '../sources/connection-string-source.ts'
import type { Environment } from '../system/system.ts'
import { printable } from '../text/printable.ts'

/** What a shell reports: found but not to be run, not found, ended by a signal. */
const CANNOT_RUN = 126
const NOT_FOUND = 127
const SIGNAL_BASE = 128

/** `acs-env exec -- CMD…`: a command with both variables; its exit code is ours. */
export async function run(context: CommandContext): Promise<Outcome> {
  const { operands, options, system, terminal } = context
  const [program = '', ...args] = operands
  const env = await environmentFor(context)
  if (options.dryRun) {
    const text = `Would run ${printable(program)} with the stored variables.`
    await terminal.answer(`${options.json ? '{"dry_run":true}' : text}\n`)
    return 'done'
  }
  const result = await system.runForeground(program, args, env)
  if (result.kind === 'exited') return { exitCode: result.exitCode }
  if (result.kind === 'killed') return { exitCode: SIGNAL_BASE + result.signal }
  const isMissing = result.code === 'ENOENT' || program === ''
  terminal.say(
    `acs-env: ${printable(program)}: ${isMissing ? 'command not found' : `cannot be run (${result.code})`}\n`,
  )
  return { exitCode: isMissing ? NOT_FOUND : CANNOT_RUN }
}

async function environmentFor(context: CommandContext): Promise<Environment> {
  const { system } = context
  const platform = await resolvePlatform(system, { remembered: true })
  const found = await platform.find()
  const connectionString = await findConnectionString(found, context)
  const variables = found.state.variables ?? DEFAULT_VARIABLES
  const wantsToken = variables.some(({ value }) => value === 'access-token')
  const token = wantsToken ? await findToken(found, connectionString, context) : undefined
  const values = variables.map(({ name, value }) => {
    const secret = value === 'access-token' ? token : connectionString?.secret
    return [name, secret?.reveal()] as const
  })
  // A token is never taken from the environment: it may be of another resource.
  return { ...system.inheritedEnv, [ACCESS_TOKEN_NAME]: undefined, ...Object.fromEntries(values) }
}

/** With --token-only none is stored, and none is needed. */
async function findConnectionString(
  { connectionString: stored, accessToken }: Stored,
  context: CommandContext,
): Promise<ConnectionString | undefined> {
  const isThere = stored !== undefined || context.system.env[CONNECTION_STRING_NAME] !== undefined
  if (accessToken !== undefined && !isThere && !namesConnectionString(context)) return undefined
  try {
    return await obtainConnectionString(context, ['environment', 'store'], stored, { mayAsk: false })
  } catch (error) {
    if (error instanceof CliError && error.code === 'missing_connection_string') throw nothingStored()
    throw error
  }
}

/** The stored token, unless it would stand beside the connection string of another resource. */
async function findToken(
  found: Stored,
  connectionString: ConnectionString | undefined,
  context: CommandContext,
): Promise<Secret | undefined> {
  const { reporter } = context
  if (found.accessToken === undefined) {
    reporter.warn('no access token is stored, so the command gets none.')
    return undefined
  }
  const endpoint = storedEndpoint(found)
  if (connectionString !== undefined && connectionString.endpoint !== endpoint) {
    const reason = endpoint === undefined ? 'may not belong' : 'does not belong'
    reporter.warn(`the stored token is left out: it ${reason} to ${connectionString.host}.`)
    return undefined
  }
  const settled = connectionString === undefined ? context : withConnectionString(connectionString, context)
  return (await freshToken(found, ['environment', 'store'], settled)).token
}

/** Standard input cannot be read twice, nor is anything to be said twice. */
function withConnectionString({ secret }: ConnectionString, context: CommandContext): CommandContext {
  const { connectionStringStdin: _stdin, connectionStringCommand: _command, ...options } = context.options
  return { ...context, options: { ...options, connectionString: secret.reveal() } }
}
