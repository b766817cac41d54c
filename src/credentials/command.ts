import { attempt, CliError } from '../errors.ts'
import { requireUninterrupted } from '../system/interruption.ts'
import type { System } from '../system/system.ts'
import { parseConnectionString } from '../values/connection-string.ts'
import type { Source } from './source.ts'

/** The user may have to unlock a password manager first. */
const TIMEOUT_MS = 60_000

/**
 * What a command line of the user's prints, run by the system's shell.
 *
 * @param directory where it is run; undefined: here
 */
export function commandSource(command: string, directory: string | undefined, system: System): Source {
  return {
    words: 'what the command of --connection-string-command printed',
    find: async () => {
      const here = await attempt(async () => directory ?? system.workingDirectory)
      // In one that is gone it may still run.
      const where = here.kind === 'done' ? here.value : undefined
      const read = parseConnectionString(await outputOfCommand(command, where, '--connection-string-command', system))
      // One that has the key in its own text, as `echo` has, cannot be written down.
      const [, key = ''] = /;accesskey=(.+)$/.exec(read.secret.reveal()) ?? []
      const isKeepable = where !== undefined && !command.includes(key)
      return { ...read, source: isKeepable ? { kind: 'command', command, directory: where } : undefined }
    },
  }
}

/**
 * What a command line of the user's prints. It may talk to the user. Throws where it fails.
 *
 * @param option the one that the command line was given with, for messages
 */
export async function outputOfCommand(
  command: string,
  directory: string | undefined,
  option: string,
  system: System,
): Promise<string> {
  const result = await system.interruptible(async (signal) => {
    const ended = await system.run(command, [], {
      shell: true,
      interactive: true,
      timeoutMs: TIMEOUT_MS,
      signal,
      ...(directory !== undefined && { workingDirectory: directory }),
    })
    requireUninterrupted(ended, signal)
    return ended
  })
  if (result.kind === 'exited' && result.exitCode === 0) return result.stdout
  const reason = {
    exited: result.kind === 'exited' ? `it ended with exit code ${result.exitCode}` : '',
    killed: 'it was ended by a signal',
    'timed-out': 'it did not end within a minute',
    'not-started': 'it could not be started',
  }[result.kind]
  throw new CliError(`The command of ${option} failed: ${reason}.`, {
    code: 'command_failed',
    hint: 'run it by itself to see why',
  })
}
