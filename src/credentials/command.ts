import { CliError } from '../errors.ts'
import { requireUninterrupted } from '../system/interruption.ts'
import type { System } from '../system/system.ts'
import { parseConnectionString } from '../values/connection-string.ts'
import type { Source } from './source.ts'

/** The user may have to unlock a password manager first. */
const TIMEOUT_MS = 120_000

/** What a command line of the user's prints, run by the system's shell. */
export function commandSource(command: string, system: System): Source {
  return {
    words: 'what the command of --connection-string-command printed',
    find: async () => parseConnectionString(await outputOf(command, system)),
  }
}

async function outputOf(command: string, system: System): Promise<string> {
  const result = await system.interruptible(async (signal) => {
    const ended = await system.run(command, [], { shell: true, interactive: true, timeoutMs: TIMEOUT_MS, signal })
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
