import type { CommandName } from './args/commands.ts'
import { renderCommandHelp, renderOverview } from './args/help.ts'
import { parseCommandLine, type CommandLine } from './args/parse.ts'
import type { CommandContext } from './context.ts'
import { CancelledError, CliError, RefusedError, UsageError } from './errors.ts'
import type { System } from './system/system.ts'
import type { Terminal } from './system/terminal.ts'
import { printable } from './text/printable.ts'
import { createReporter } from './ui/reporter.ts'

const EXIT = { done: 0, failed: 1, usage: 2, refused: 4, bug: 70, cancelled: 130 } as const

type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const commands = {
  setup: () => import('./commands/setup.ts'),
  issue: () => import('./commands/issue.ts'),
  emulator: () => import('./commands/emulator.ts'),
  demo: () => import('./commands/demo.ts'),
} satisfies Record<CommandName, () => Promise<{ run(context: CommandContext): Promise<void> }>>

/** The whole program, but for the process around it: reads the arguments, runs the command, and picks the exit code. */
export async function main(
  argv: readonly string[],
  system: System,
  terminal: Terminal,
  version: string,
): Promise<ExitCode> {
  const program = programName(system)
  try {
    await dispatch(parseCommandLine(argv), system, terminal, version, program)
    return EXIT.done
  } catch (error) {
    const json = argv.includes('--json')
    terminal.say(
      json
        ? renderErrorDocument(error)
        : renderError(error, program, argv.includes('--no-color') ? undefined : terminal),
    )
    return exitCodeOf(error)
  }
}

/** The exit code that an error ends the process with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof RefusedError) return EXIT.refused
  if (error instanceof CancelledError) return EXIT.cancelled
  return error instanceof CliError ? EXIT.failed : EXIT.bug
}

/** An error for people: what happened, then what to do. A bug shows where it happened, and never what it held. */
export function renderError(error: unknown, program: string, terminal: Terminal | undefined): string {
  const red = (text: string): string => terminal?.style('red', text) ?? text
  const cyan = (text: string): string => terminal?.style('cyan', text) ?? text
  if (error instanceof CancelledError) return `${error.message}\n`
  if (error instanceof CliError) {
    const hint = error.hint?.replaceAll('"acs-env ', `"${program} `)
    const hintLine = hint === undefined ? '' : `${cyan('hint:')} ${printable(hint)}\n`
    return `${red('error:')} ${printable(error.message)}\n${hintLine}`
  }
  return `${red('error:')} This is a bug in acs-env (${describeBug(error)}).\n${placesOf(error)}`
}

function renderErrorDocument(error: unknown): string {
  const { code, message, hint } =
    error instanceof CliError
      ? error
      : { code: 'bug', message: `This is a bug in acs-env (${describeBug(error)}).`, hint: undefined }
  return `${JSON.stringify({ error: { code, message: printable(message), ...(hint !== undefined && { hint: printable(hint) }) } })}\n`
}

async function dispatch(
  { command, named, options }: CommandLine,
  system: System,
  terminal: Terminal,
  version: string,
  program: string,
): Promise<void> {
  if (options.version) return terminal.answer(`${version}\n`)
  if (options.help) return terminal.answer(named ? renderCommandHelp(command, program) : renderOverview(program))
  const reporter = createReporter(terminal, {
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    color: options.noColor === undefined,
  })
  const { run } = await commands[command]()
  await run({ options, system, terminal, reporter, program })
}

/** A printed command is to run as printed, also for someone who has nothing installed. */
function programName({ env }: System): string {
  return env.npm_command === 'exec' || env.npm_lifecycle_event === 'npx' ? 'npx acs-env' : 'acs-env'
}

/** The kind of error alone: the message of an unforeseen one may repeat a secret. */
function describeBug(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error
}

/** The frames of the stack, without the message in front of them. */
function placesOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return frames.length === 0 ? '' : `${frames.map(printable).join('\n')}\n`
}
