import type { CommandContext } from '../commands/context.ts'
import { CliError } from '../errors.ts'
import { resolvePlatform } from '../platforms/resolve.ts'
import type { ServiceOptions } from '../service/client.ts'
import type { Stored } from '../store/store.ts'
import type { System } from '../system/system.ts'
import type { ConnectionString } from '../values/connection-string.ts'
import { namesConnectionString, obtainConnectionString } from './obtain.ts'
import { serviceOptions } from './service-options.ts'

/** For commands that store nothing: the connection string from the environment before the store. */
export async function connectionStringToUse(context: CommandContext): Promise<ConnectionString> {
  const found = namesConnectionString(context) ? undefined : await findStoredTolerantly(context.system)
  return obtainConnectionString(context, ['environment', 'store'], found?.connectionString)
}

/** Asks the service one thing, with a sign that it is going on; Ctrl+C ends it. */
export function askService<Answer>(
  connectionString: ConnectionString,
  context: CommandContext,
  ask: (connectionString: ConnectionString, options: ServiceOptions) => Promise<Answer>,
): Promise<Answer> {
  const { system, reporter } = context
  return system.interruptible((signal) =>
    reporter.during(`Asking ${connectionString.host}`, () => ask(connectionString, serviceOptions(context, signal))),
  )
}

/** A store that cannot be read does not keep anyone from asking: the values may come from elsewhere. */
export async function findStoredTolerantly(system: System): Promise<Stored | undefined> {
  try {
    const platform = await resolvePlatform(system, { remembered: true })
    return await platform.find()
  } catch (error) {
    if (error instanceof CliError) return undefined
    throw error
  }
}
