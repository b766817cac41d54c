import { findConnectionString, noConnectionString } from '../credentials/obtain.ts'
import { namesSource } from '../credentials/option.ts'
import { NotStartedError } from '../errors.ts'
import { openStore } from '../platforms/resolve.ts'
import type { Secret } from '../secret.ts'
import { nothingStored, storedEndpoint } from '../store/stored-token.ts'
import type { Stored } from '../store/stored.ts'
import type { Environment, System } from '../system/system.ts'
import { findOnWindows } from '../system/windows-command.ts'
import { printable } from '../text/printable.ts'
import { freshToken } from '../token/fresh.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { CommandContext, Outcome } from './context.ts'

type Context = CommandContext<'exec'>

/** What a shell reports of a command that a signal ended begins here. */
const SIGNAL_BASE = 128

/** `acs-env exec -- CMD…`: a command with both variables; its exit code is ours. */
export async function run(context: Context): Promise<Outcome> {
  const { operands, options, system, terminal } = context
  const [program = '', ...args] = operands
  const descriptors = system.inheritedDescriptors()
  const env = await environmentFor(context)
  if (options.dryRun) {
    const text = `Would run ${printable(program)} with the stored variables.`
    await terminal.answer(`${options.json ? '{"dry_run":true}' : text}\n`)
    return 'done'
  }
  if (system.platform === 'win32' && findOnWindows(program, env) === undefined)
    throw notStarted(program, 'ENOENT', system)
  const result = await system.runForeground(program, args, env, descriptors)
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

async function environmentFor(context: Context): Promise<Environment> {
  const { system } = context
  const store = await openStore(system)
  const found = await store.find()
  const connectionString = await connectionStringFor(found, context)
  const { variables } = found.state
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
async function connectionStringFor(
  { connectionString: stored, accessToken }: Stored,
  context: Context,
): Promise<ConnectionString | undefined> {
  const { options, system } = context
  const isThere = stored !== undefined || system.env[CONNECTION_STRING_NAME] !== undefined
  if (accessToken !== undefined && !isThere && !namesSource(options)) return undefined
  const found = await findConnectionString({ options, first: 'environment', stored, next: 'works' }, context)
  if (found === undefined) throw nothingStored()
  return found
}

/** The stored token, unless it would stand beside the connection string of another resource. */
async function findToken(
  found: Stored,
  connectionString: ConnectionString | undefined,
  context: Context,
): Promise<Secret | undefined> {
  const { options, reporter } = context
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
  const obtain = async (): Promise<ConnectionString> =>
    // Standard input cannot be read twice.
    connectionString ??
    (await findConnectionString({ options, first: 'environment', stored: undefined, next: 'works' }, context)) ??
    noConnectionString()
  return (await freshToken(found, { ...context, obtain })).token
}
