import type { CommandContext, Outcome } from '../context.ts'
import { CliError } from '../errors.ts'
import type { ConnectionString } from '../inputs/connection-string.ts'
import { DEFAULT_VARIABLES } from '../platforms/platform.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import { freshToken } from '../renewal/fresh-token.ts'
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
    await terminal.answer(`Would run ${printable(program)} with the stored variables.\n`)
    return 'done'
  }
  const result = await system.runForeground(program, args, env)
  if (result.kind === 'exited') return { exitCode: result.exitCode }
  if (result.kind === 'killed') return { exitCode: SIGNAL_BASE + result.signal }
  const isMissing = result.code === 'ENOENT'
  terminal.say(
    `acs-env: ${printable(program)}: ${isMissing ? 'command not found' : `cannot be run (${result.code})`}\n`,
  )
  return { exitCode: isMissing ? NOT_FOUND : CANNOT_RUN }
}

async function environmentFor(context: CommandContext): Promise<Environment> {
  const { system, reporter } = context
  const platform = await resolvePlatform(system, { remembered: true })
  const found = await platform.find()
  const { state, accessToken } = found
  const variables = state.variables ?? DEFAULT_VARIABLES
  const wanted = new Set(variables.map(({ value }) => value))
  const connectionString = await findConnectionString(
    context,
    found.connectionString !== undefined || accessToken === undefined,
  )
  const belongs =
    connectionString === undefined || state.endpoint === undefined || connectionString.endpoint === state.endpoint
  if (accessToken !== undefined && !belongs) {
    reporter.warn(`the stored token is left out: it does not belong to ${connectionString?.host ?? 'this resource'}.`)
  }
  const token =
    accessToken !== undefined && belongs && wanted.has('access-token')
      ? (await freshToken(platform, found, ['environment', 'store'], context)).token
      : undefined
  const values = variables.map(({ name, value }) => {
    const secret = value === 'access-token' ? token : connectionString?.secret
    return [name, secret?.reveal()] as const
  })
  return { ...system.inheritedEnv, ...Object.fromEntries(values) }

  /** With --token-only none is stored, and none is needed. */
  async function findConnectionString(
    { options }: CommandContext,
    isNeeded: boolean,
  ): Promise<ConnectionString | undefined> {
    if (!isNeeded && !namesConnectionString(context)) return undefined
    try {
      const silent: CommandContext = { ...context, options: { ...options, yes: true } }
      return await obtainConnectionString(silent, ['environment', 'store'], found.connectionString)
    } catch (error) {
      if (error instanceof CliError && error.code === 'missing_connection_string') throw nothingStored()
      throw error
    }
  }
}

function nothingStored(): CliError {
  return new CliError('Nothing is stored yet.', { code: 'nothing_stored', hint: 'begin with "acs-env setup"' })
}
