import { namesConnectionString, obtainConnectionString } from '../credentials/obtain.ts'
import { CliError, NotStartedError } from '../errors.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import type { Secret } from '../secret.ts'
import { DEFAULT_VARIABLES, type Stored } from '../store/store.ts'
import { nothingStored, storedEndpoint } from '../store/stored-token.ts'
import type { Environment, System } from '../system/system.ts'
import { isCommandOfWindows } from '../system/windows-command.ts'
import { printable } from '../text/printable.ts'
import { freshToken } from '../token/fresh.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { CommandContext, Outcome } from './context.ts'

/** What a shell reports of a command that a signal ended begins here. */
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
  if (system.platform === 'win32' && !isCommandOfWindows(program, env)) throw notStarted(program, 'ENOENT', system)
  const result = await system.runForeground(program, args, env)
  if (result.kind === 'exited') return { exitCode: result.exitCode }
  if (result.kind === 'killed') return { exitCode: SIGNAL_BASE + result.signal }
  throw notStarted(program, result.code, system)
}

function notStarted(program: string, code: string | undefined, { platform }: System): NotStartedError {
  const shown = printable(program)
  return code === 'ENOENT' || program === ''
    ? new NotStartedError(`The command "${shown}" was not found.`, {
        isMissing: true,
        hint:
          platform === 'win32'
            ? 'is it installed, and on PATH? What is a part of cmd, such as "dir", runs with "cmd /c" in front'
            : 'is it installed, and on PATH?',
      })
    : new NotStartedError(`"${shown}" cannot be run (${code}).`, {
        isMissing: false,
        hint: 'is it a program, and may you run it?',
      })
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
  return replaceVariables(system, [[ACCESS_TOKEN_NAME, undefined], ...values])
}

/** On Windows names that differ in letter case alone are the same, and of two of them Node keeps the first. */
function replaceVariables(
  { platform, inheritedEnv }: System,
  values: readonly (readonly [name: string, value: string | undefined])[],
): Environment {
  const key = (name: string): string => (platform === 'win32' ? name.toUpperCase() : name)
  const names = new Set(values.map(([name]) => key(name)))
  const others = Object.entries(inheritedEnv).filter(([name]) => !names.has(key(name)))
  return Object.fromEntries([...others, ...values])
}

/** With --token-only none is stored, and none is needed. */
async function findConnectionString(
  { connectionString: stored, accessToken }: Stored,
  context: CommandContext,
): Promise<ConnectionString | undefined> {
  const isThere = stored !== undefined || context.system.env[CONNECTION_STRING_NAME] !== undefined
  if (accessToken !== undefined && !isThere && !namesConnectionString(context)) return undefined
  try {
    return await obtainToUse(stored, context)
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
  // Standard input cannot be read twice.
  const obtain = async (): Promise<ConnectionString> => connectionString ?? obtainToUse(undefined, context)
  return (await freshToken(found, obtain, context)).token
}

function obtainToUse(stored: Secret | undefined, context: CommandContext): Promise<ConnectionString> {
  return obtainConnectionString(context, ['environment', 'store'], stored, { mayAsk: false })
}
