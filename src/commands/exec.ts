import { NotStartedError } from '../errors.ts'
import { lookForStored, withoutStoredVariable } from '../platforms/look-for-stored.ts'
import { nothingStored } from '../store/stored-token.ts'
import type { Environment, System } from '../system/system.ts'
import { findOnWindows } from '../system/windows-command.ts'
import { printable } from '../text/printable.ts'
import { pairForThisRun } from '../token/for-this-run.ts'
import { freshToken } from '../token/fresh.ts'
import { valuesToHandOver, type HandedValue, type UseToken } from '../token/hand-over.ts'
import { connectionStringOf } from '../values/credential.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../values/variable-name.ts'
import type { CommandContext, Outcome } from './context.ts'

type Context = CommandContext<'exec'>

/** For a command that a signal ended, a shell reports this plus the number of the signal. */
const SIGNAL_BASE = 128

/** `acs-env exec CMD…`: a command with both variables; its exit code is ours. */
export async function run(context: Context): Promise<Outcome> {
  const { operands, options, system, terminal } = context
  const [program = '', ...args] = operands
  const descriptors = await system.inheritedDescriptors()
  const { env, request } = await environmentFor(context)
  if (options.dryRun) {
    const shown = printable(program)
    const text =
      request === undefined
        ? `Would run ${shown} with the stored variables.`
        : `Would ${request}, and run ${shown} with both variables.`
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

/** What the command gets, and in a dry run the request that would be made for it. */
interface Handed {
  readonly env: Environment
  /** What a dry run would have asked of the service. */
  readonly request: string | undefined
}

async function environmentFor(given: Context): Promise<Handed> {
  const context = given.options.name === undefined ? given : withoutStoredVariable(given)
  const { options, system } = context
  const looked = await lookForStored(system, options)
  if (looked.kind === 'stored') {
    const { store } = looked
    const useToken: UseToken = (found, obtain) => freshToken(found, { ...context, store, obtain })
    const values = await valuesToHandOver(looked.found, 'environment', useToken, context)
    return { env: replaceVariables(system, values), request: undefined }
  }
  const { credential, issued, request } = await pairForThisRun(looked, nothingStored, context)
  const values: readonly HandedValue[] = [
    [CONNECTION_STRING_NAME, connectionStringOf(credential)],
    [ACCESS_TOKEN_NAME, issued?.token],
  ]
  return { env: replaceVariables(system, values), request }
}

/** On Windows, names that differ only in letter case are the same, and Node keeps the first of two. */
function replaceVariables({ platform, inheritedEnv }: System, handed: readonly HandedValue[]): Environment {
  // A token is never taken from the environment: it may be of another resource.
  const values = [[ACCESS_TOKEN_NAME, undefined] as const, ...handed].map(
    ([name, secret]) => [name, secret?.reveal()] as const,
  )
  const key = (name: string): string => (platform === 'win32' ? name.toUpperCase() : name)
  const names = new Set(values.map(([name]) => key(name)))
  const others = Object.entries(inheritedEnv).filter(([name]) => !names.has(key(name)))
  return Object.fromEntries([...others, ...values])
}
