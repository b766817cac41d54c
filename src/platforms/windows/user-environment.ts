import { CliError } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import type { System } from '../../system/system.ts'
import { REGISTRY_KEY } from '../../values/registry-key.ts'
import { privateDirectories } from './directory.ts'
import { machineEnvironment } from './machine.ts'
import { howItEnded, windowsPrograms } from './programs.ts'
import { readingRoutes } from './reading.ts'
import { writingRoutes, type Route } from './routes.ts'
import { WindowsValues } from './values.ts'

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
  /** Which of these variables the computer has for all its users; none where that cannot be found out. */
  machineNames(names: readonly string[]): Promise<readonly string[]>
  /** Whether Windows has sent open programs the message that everything written has changed. */
  readonly hasBroadcast: boolean
}

export function createUserEnvironment(system: System): UserEnvironment {
  const programs = windowsPrograms(system)
  const withDirectory = privateDirectories(system)
  const routes = writingRoutes(programs, withDirectory)
  const stalled = new Set<Route>()
  let readers = readingRoutes(programs, withDirectory)
  const machineNames = machineEnvironment(programs)
  let hasBroadcast = true

  const read = async (): Promise<WindowsValues> => {
    const failures: string[] = []
    for (const route of readers) {
      const reading = await route.read()
      if (reading.kind === 'read') {
        // What is forbidden once will be the next time.
        readers = [route, ...readers.filter((other) => other !== route)]
        return new WindowsValues(reading.values)
      }
      failures.push(`${route.name}: ${reading.reason}`)
    }
    throw readError(failures)
  }

  const write = async (name: string, value: Secret | undefined, expands: boolean): Promise<void> => {
    const failures: string[] = []
    // A route that timed out once will time out again, so try it last.
    const order = [...routes.filter((route) => !stalled.has(route)), ...stalled]
    for (const route of order.filter((route) => route.takes(value, expands))) {
      const result = await route.write(name, value, expands)
      if (result.kind === 'timed-out') stalled.add(route)
      if ((await read()).holds(name, value, expands)) {
        // The last write decides: a program that gets the message reads all variables anew.
        hasBroadcast = route.broadcasts && result.kind === 'exited'
        return
      }
      failures.push(`${route.name}: ${howItEnded(result)}`)
    }
    const action = value === undefined ? 'removed from' : 'stored in'
    const message = `${name} could not be ${action} ${REGISTRY_KEY} (${failures.join('; ')}).`
    throw new CliError(message, { code: 'registry', hint: POLICY_HINT })
  }

  return {
    read,
    write,
    machineNames,
    get hasBroadcast() {
      return hasBroadcast
    },
  }
}

function readError(failures: readonly string[]): CliError {
  const message = `The user environment (${REGISTRY_KEY}) could not be read (${failures.join('; ')}).`
  return new CliError(message, { code: 'registry', hint: POLICY_HINT })
}
