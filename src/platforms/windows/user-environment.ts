import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import type { RunResult, System } from '../../system/system.ts'
import { REGISTRY_KEY } from '../../values/registry-key.ts'
import { privateDirectories } from './directory.ts'
import { windowsPrograms } from './programs.ts'
import { parseRegistryFile } from './registry-file.ts'
import { writingRoutes, type Route } from './routes.ts'
import { WindowsValues } from './values.ts'

const REG_TIMEOUT_MS = 10_000
const POLICY_HINT = 'a policy may forbid it; ask whoever manages this computer'

/** The user environment of Windows, in the registry. */
export interface UserEnvironment {
  /** All string values. Read without loss, whatever characters they have. */
  read(): Promise<WindowsValues>
  /**
   * Stores a value, or deletes it, and reads it back. Throws where the registry holds anything else afterwards.
   *
   * @param expands as one in which Windows replaces `%NAME%`
   */
  write(name: string, value: Secret | undefined, expands: boolean): Promise<void>
  /** Whether Windows has sent open programs the message that everything written has changed. */
  readonly hasBroadcast: boolean
}

export function createUserEnvironment(system: System): UserEnvironment {
  const programs = windowsPrograms(system)
  const withDirectory = privateDirectories(system)
  const routes = writingRoutes(programs, withDirectory)
  const stalled = new Set<Route>()
  let hasBroadcast = true

  const read = (): Promise<WindowsValues> =>
    withDirectory(async (directory) => {
      const file = join(directory, 'environment.reg')
      // Not `reg query`: on a pipe it replaces what the console's code page lacks by "?".
      const result = await programs.reg(['export', REGISTRY_KEY, file, '/y'], { timeoutMs: REG_TIMEOUT_MS })
      // One that did not end well may have written a part.
      const bytes = result.kind === 'exited' && result.exitCode === 0 ? tryRead(file) : undefined
      if (bytes === undefined) throw readError(result)
      return new WindowsValues(parseRegistryFile(bytes))
    })

  const write = async (name: string, value: Secret | undefined, expands: boolean): Promise<void> => {
    const failures: string[] = []
    // A route that timed out once will time out again, so try it last.
    const order = [...routes.filter((route) => !stalled.has(route)), ...stalled]
    for (const route of order.filter((route) => route.takes(value, expands))) {
      const result = await route.write(name, value, expands)
      if (result.kind === 'timed-out') stalled.add(route)
      if ((await read()).holds(name, value)) {
        // The last write decides: a program that gets the message reads all variables anew.
        hasBroadcast = route.broadcasts && result.kind === 'exited'
        return
      }
      failures.push(`${route.name}: ${describe(result)}`)
    }
    const action = value === undefined ? 'removed from' : 'stored in'
    const message = `${name} could not be ${action} ${REGISTRY_KEY} (${failures.join('; ')}).`
    throw new CliError(message, { code: 'registry', hint: POLICY_HINT })
  }

  return {
    read,
    write,
    get hasBroadcast() {
      return hasBroadcast
    },
  }
}

function tryRead(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

function readError(result: RunResult): CliError {
  const message = `The user environment (${REGISTRY_KEY}) could not be read (reg export: ${describe(result)}).`
  return new CliError(message, { code: 'registry', hint: POLICY_HINT })
}

/** Of what the program said nothing is repeated: it is translated, and may hold the value. */
function describe(result: RunResult): string {
  switch (result.kind) {
    case 'exited':
      return result.exitCode === 0 ? 'exit code 0, to no effect' : `exit code ${result.exitCode}`
    case 'killed':
      return 'was ended'
    case 'timed-out':
      return 'did not end in time'
    case 'not-started':
      return 'could not be started'
    default:
      return result satisfies never
  }
}
