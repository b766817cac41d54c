import { UsageError } from '../errors.ts'
import type { Environment } from '../system/system.ts'

export const CONNECTION_STRING_NAME = 'AZURE_COMMUNICATION_CONNECTION_STRING'
export const ACCESS_TOKEN_NAME = 'AZURE_COMMUNICATION_ACCESS_TOKEN'
export const ENDPOINT_NAME = 'AZURE_COMMUNICATION_ENDPOINT'

/** Names that a shell owns although they may not be in the environment: setting them breaks the shell. */
const SHELL_OWNED =
  /^(?:_|IFS|PATH|HOME|ENV|CDPATH|PS[0-9]|E?UID|PPID|GROUPS|SHELLOPTS|BASH\w*|ZSH\w*|ZDOTDIR|LD_\w+|DYLD_\w+|NODE_OPTIONS)$/

/** Whether a name is one that a shell owns, so that it is never one of ours, whatever a file of records says. */
export function isShellOwned(name: string): boolean {
  return SHELL_OWNED.test(name.toUpperCase())
}

/**
 * A further name for the connection string. Throws a `UsageError` where it is no portable name, or the name already
 * means something else: storing over `PATH` would break every shell of the user.
 */
export function parseAlias(name: string, env: Environment): string {
  const fail = (message: string, hint: string): never => {
    throw new UsageError(message, { code: 'invalid_name', hint })
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name)) {
    fail('The value of --as is not the name of an environment variable.', 'use letters, digits and underscores')
  }
  if (name.toUpperCase() === ACCESS_TOKEN_NAME) {
    fail(`${ACCESS_TOKEN_NAME} is the name of the access token.`, '--as names the connection string')
  }
  if (name.toUpperCase() === ENDPOINT_NAME) {
    fail(`${ENDPOINT_NAME} is the name of the endpoint.`, 'to store that too, give --with-endpoint')
  }
  const current = env[name]
  if (isShellOwned(name) || (current !== undefined && !/endpoint=/i.test(current))) {
    fail(`${name} is already used for something else.`, 'choose another name')
  }
  return name
}
