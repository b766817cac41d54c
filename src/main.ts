import type { CommandName } from './args/commands.ts'
import { renderCommandHelp, renderFamilyHelp, renderOverview } from './args/help.ts'
import { parseCommandLine, type CommandLine } from './args/parse.ts'
import { splitArguments } from './args/split.ts'
import type { CommandContext, Outcome } from './commands/context.ts'
import { CancelledError, CliError, NotStartedError, RefusedError, systemCode, UsageError } from './errors.ts'
import type { System } from './system/system.ts'
import { forAnswers, type Terminal } from './system/terminal.ts'
import { renderError, renderErrorDocument } from './ui/error-text.ts'
import { createReporter } from './ui/reporter.ts'

const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notReady: 3,
  refused: 4,
  bug: 70,
  // As a shell reports it.
  cannotRun: 126,
  notFound: 127,
  cancelled: 130,
} as const

type ExitCode = (typeof EXIT)[keyof typeof EXIT]

type Commands = {
  readonly [Name in CommandName]: () => Promise<{ run(context: CommandContext<Name>): Promise<Outcome | void> }>
}

const commands: Commands = {
  setup: () => import('./commands/setup.ts'),
  refresh: () => import('./commands/refresh.ts'),
  status: () => import('./commands/status.ts'),
  use: () => import('./commands/use.ts'),
  unset: () => import('./commands/unset.ts'),
  token: () => import('./commands/token.ts'),
  issue: () => import('./commands/issue.ts'),
  env: () => import('./commands/env.ts'),
  exec: () => import('./commands/exec.ts'),
  'user create': () => import('./commands/user-create.ts'),
  'user delete': () => import('./commands/user-delete.ts'),
  revoke: () => import('./commands/revoke.ts'),
  'teams-token': () => import('./commands/teams-token.ts'),
  doctor: () => import('./commands/doctor.ts'),
  completion: () => import('./commands/completion.ts'),
  emulator: () => import('./commands/emulator.ts'),
  demo: () => import('./commands/demo.ts'),
  schedule: () => import('./commands/schedule.ts'),
  unschedule: () => import('./commands/unschedule.ts'),
}

/** The whole program, but for the process around it: reads the arguments, runs the command, and picks the exit code. */
export async function main(
  argv: readonly string[],
  system: System,
  terminal: Terminal,
  version: string,
): Promise<number> {
  const program = system.self.command
  try {
    const outcome = await dispatch(parseCommandLine(argv), system, terminal, version, program)
    if (typeof outcome === 'object') return outcome.exitCode
    return outcome === 'not-ready' ? EXIT.notReady : EXIT.done
  } catch (thrown) {
    const error = await asSentence(thrown)
    // What follows "--" belongs to another program.
    const { own } = splitArguments(argv)
    const screen = own.includes('--no-color') ? withoutColors(terminal) : terminal
    const text = own.includes('--json') ? renderErrorDocument(error, program) : renderError(error, program, screen)
    terminal.say(text)
    return exitCodeOf(error)
  }
}

/** The exit code that an error ends the process with. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof RefusedError) return EXIT.refused
  if (error instanceof CancelledError) return EXIT.cancelled
  if (error instanceof NotStartedError) return error.isMissing ? EXIT.notFound : EXIT.cannotRun
  return error instanceof CliError ? EXIT.failed : EXIT.bug
}

function withoutColors({ width }: Terminal): Pick<Terminal, 'width' | 'style'> {
  return { width, style: (_name, text) => text }
}

/** A disk error in an unforeseen place is no bug. Loaded only then, so that a mistyped option is reported at once. */
async function asSentence(error: unknown): Promise<unknown> {
  if (systemCode(error) === undefined) return error
  const { withoutSystemError } = await import('./unforeseen-error.ts')
  return withoutSystemError(error)
}

async function dispatch(
  { command, named, family, options, operands }: CommandLine,
  system: System,
  terminal: Terminal,
  version: string,
  program: string,
): Promise<Outcome | void> {
  if (options.version) return terminal.answer(`${version}\n`)
  if (family !== undefined || options.help) {
    const onTerminal = terminal.width(1)
    const width = onTerminal === Infinity ? undefined : onTerminal
    if (family !== undefined) return terminal.answer(renderFamilyHelp(family, program, width))
    return terminal.answer(named ? renderCommandHelp(command, program, width) : renderOverview(program, width))
  }
  const color = options.noColor === undefined
  const reporter = createReporter(terminal, {
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    color,
  })
  if (program.startsWith('npx ') && (options.connectionString ?? options.aadToken) !== undefined) {
    reporter.warn('npm keeps this command line, with the secret in it, in its log (~/.npm/_logs); use standard input.')
  }
  const module = await commands[command]()
  return module.run({ options, operands, system, terminal: forAnswers(terminal, color), reporter, program })
}
