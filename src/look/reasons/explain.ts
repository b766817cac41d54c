import { loginShellNameOf } from '../../shell-names.ts'
import { shellPath } from '../../shells/posix-words.ts'
import type { LoadPoint, ShellStart } from '../../shells/shell.ts'
import { formatDuration } from '../../text/duration.ts'
import { printable } from '../../text/printable.ts'
import type { CouldNotLookReason, Look, LookOutcome, NotStartedReason, VariableState } from '../outcome.ts'
import type { Cause, Change, NotReadReason, Place, Route, Trace } from './cause.ts'

/** What is wrong with new shells, for people. No value is in it, nor a part of one. */
export interface Finding {
  /** A sentence. */
  readonly message: string
  /** What to do, as a sentence. */
  readonly cure: string | undefined
  /** Where it is wrong. */
  readonly where: Route | undefined
}

/** With the ways of starting the shell in which it is so. */
export interface ExplainedFinding extends Finding {
  readonly starts: readonly ShellStart[]
}

export interface Explained {
  /** The shell that was opened: `bash`. */
  readonly shell: string
  readonly home: string
  /** Whether the lines that load the values are a block in a start-up file, or a file of their own. */
  readonly loadedBy: LoadPoint['kind']
  readonly looks: readonly Look[]
  /** Of the looks that found something. */
  readonly traces: readonly Trace[]
}

/** Explains what looks and traces have found; nothing where all is as it should be. */
export function explain({ shell, home, loadedBy, looks, traces }: Explained): readonly ExplainedFinding[] {
  const show = (path: string): string => printable(shellPath(path, home))
  return problemsOf(looks, traces).map((problem) => ({
    ...explainProblem(problem, { shell: printable(shell), loader: LOADERS[loadedBy], show }),
    starts: problem.starts,
  }))
}

/** The same thing may be wrong with several variables, and with both ways to start a shell. */
interface Problem {
  readonly outcome: LookOutcome
  readonly cause: Cause
  readonly state: VariableState
  readonly names: readonly string[]
  readonly starts: readonly ShellStart[]
}

interface Words {
  readonly shell: string
  readonly loader: Loader
  readonly show: (path: string) => string
}

function problemsOf(looks: readonly Look[], traces: readonly Trace[]): readonly Problem[] {
  const problems = new Map<string, Problem>()
  for (const { start, outcome } of looks) {
    const causes = traces.find((trace) => trace.start === start)?.causes ?? []
    for (const { name, state } of wrongVariables(outcome)) {
      const cause = causes.find((one) => one.name === name)?.cause ?? causes[0]?.cause ?? { kind: 'unknown' }
      // One line is one thing to cure, however the shell came there.
      const key = JSON.stringify([outcome.kind, 'to' in outcome && outcome.to, { ...cause, via: [] }, state])
      const before = problems.get(key)
      const names = [...(before?.names ?? []), ...(name === undefined ? [] : [name])]
      const starts = [...new Set([...(before?.starts ?? []), start])]
      problems.set(key, { outcome, cause: before?.cause ?? cause, state, names: [...new Set(names)], starts })
    }
  }
  return [...problems.values()]
}

/** A single one without a name where no shell got ready. */
function wrongVariables(outcome: LookOutcome): readonly { name: string | undefined; state: VariableState }[] {
  if (outcome.kind === 'interrupted') return []
  if (!('variables' in outcome)) return [{ name: undefined, state: 'missing' }]
  return outcome.variables.filter(({ state }) => state !== 'same')
}

function explainProblem(problem: Problem, words: Words): Finding {
  const { outcome, cause } = problem
  switch (outcome.kind) {
    case 'answered':
      return explainVariables(problem, words)
    case 'handed-over':
      return cause.kind === 'last-line' || cause.kind === 'unknown'
        ? explainHandOver(problem, printable(outcome.to), words)
        : explainVariables(problem, words)
    case 'ended':
      return {
        message: `${subject(problem)} ends while it starts, ${lastLine(cause, words) ?? `with exit code ${outcome.exitCode}`}.`,
        cure: cause.kind === 'last-line' ? TAKE_OUT : undefined,
        where: routeOf(cause),
      }
    case 'too-slow': {
      const within = `${subject(problem)} was not ready within ${formatDuration(outcome.timeoutMs)}`
      const place = lastLine(cause, words)
      return {
        message: place === undefined ? `${within}.` : `${within}; it was ${place}.`,
        cure: undefined,
        where: routeOf(cause),
      }
    }
    case 'not-started':
      return {
        message: `${words.shell} could not be started: ${NOT_STARTED[outcome.reason]}.`,
        cure: undefined,
        where: undefined,
      }
    case 'could-not-look': {
      const place =
        outcome.reason === 'ends-without-a-terminal' ? ` ${lastLine(cause, words) ?? 'while they start'}.` : ''
      return { message: `${COULD_NOT_LOOK[outcome.reason]}${place}`, cure: undefined, where: routeOf(cause) }
    }
    case 'interrupted':
      return { message: 'The look into new shells was interrupted.', cure: undefined, where: undefined }
  }
}

const TAKE_OUT = 'Take that line out.'

/** What the lines that load the values are called, and what to do about one that stands in their way. */
interface Loader {
  readonly name: string
  /** What is said of the file that they are in, and before its name. */
  readonly isIn: string
  readonly before: string
  readonly moveUp: string
  readonly correct: string
}

/** Where a file stands in the order of reading depends on its name, so it cannot be moved. */
const LOADERS: Readonly<Record<LoadPoint['kind'], Loader>> = {
  block: {
    name: 'acs-env block',
    isIn: 'has the acs-env block',
    before: 'The acs-env block in',
    moveUp: 'Move the acs-env block above that line.',
    correct: 'Correct that line, or move the acs-env block above it.',
  },
  'drop-in': {
    name: 'acs-env file',
    isIn: 'is the acs-env file',
    before: 'The acs-env file',
    moveUp: TAKE_OUT,
    correct: 'Correct that line.',
  },
}

const NOT_STARTED: Readonly<Record<NotStartedReason, string>> = {
  'no-such-program': 'there is no such program',
  'not-executable': 'it may not be executed',
  'no-login': 'nobody can log in with it',
  other: 'the system did not say why',
}

const COULD_NOT_LOOK: Readonly<Record<CouldNotLookReason, string>> = {
  'no-directory': 'New shells could not be looked at: the temporary directory cannot be written to.',
  'node-does-not-run': 'New shells could not be looked at: they keep Node.js from running, as a limit on memory does.',
  'inside-a-look': 'New shells were not looked at: this one was itself opened to be looked at.',
  'needs-a-terminal':
    'New shells were not looked at: a start-up file hands over to nushell, which there starts at a terminal alone.',
  'ends-without-a-terminal': 'New shells could not be looked at: without a terminal they end',
  'foreign-home':
    'New shells were not looked at: the home belongs to another user, whose start-up files are not run as you.',
}

function explainVariables(problem: Problem, words: Words): Finding {
  const { cause } = problem
  const names = list(problem.names)
  const { shell, loader, show } = words
  const where = routeOf(cause)
  switch (cause.kind) {
    case 'set-in':
      return { message: `${changeSentence(cause, names, words)}.`, cure: TAKE_OUT, where }
    case 'in-file':
      return {
        message: `${show(cause.file)} changes ${names}${cause.lines.length === 0 ? '' : `, in line ${cause.lines.join(' or ')}`}.`,
        cure: 'Take out the line that does.',
        where,
      }
    case 'last-line':
      return cause.command === undefined
        ? {
            message: `${show(cause.file)} fails in line ${cause.line}, and ${shell} reads no further, so ${names} ${isAre(problem)} not loaded.`,
            cure: loader.correct,
            where,
          }
        : {
            message: `${show(cause.file)} ends in line ${cause.line} (${printable(cause.command)})${via(cause, words)}, before the ${loader.name}.`,
            cure: loader.moveUp,
            where,
          }
    case 'syntax-error':
      return {
        message: `${show(cause.file)} has a syntax error in line ${cause.line}, and ${shell} reads no further, so ${names} ${isAre(problem)} not loaded.`,
        cure: 'Correct that line.',
        where,
      }
    case 'not-read':
      return { ...explainUnread(cause.file, cause.because, problem, words), where }
    case 'block-failed':
      return {
        message: `${loader.before} ${show(cause.file)} does not load ${names}.`,
        cure: LOOK_BEFORE[shell] ?? 'See whether a line before it redefines "read" or "export", or changes HOME.',
        where,
      }
    case 'unknown':
      return {
        message: `${subject(problem)} ${lacks(problem)}, and no line was found that does it.`,
        cure: undefined,
        where,
      }
  }
}

/** What may be wrong where the values are loaded and are not there, in shells that let other commands be redefined. */
const LOOK_BEFORE: Readonly<Partial<Record<string, string>>> = {
  fish: 'See whether a line before it changes HOME.',
  tcsh: 'See whether a line before it makes "setenv" or "cat" an alias, or changes HOME.',
}
const HAS_NO_DOT: ReadonlySet<string> = new Set(['fish', 'tcsh'])

const CHANGES: Readonly<Record<Change, readonly [verb: string, again: string, order: 'after' | 'before']>> = {
  sets: ['sets', ' again', 'after'],
  removes: ['removes', '', 'after'],
  hides: ['keeps', ' from programs', 'after'],
  'makes-read-only': ['makes', ' read-only', 'before'],
}

function changeSentence(cause: Extract<Cause, { kind: 'set-in' }>, names: string, words: Words): string {
  const [verb, adverb, order] = CHANGES[cause.change]
  const behind = `, ${order} the ${words.loader.name}${order === 'before' ? ' can load it' : ''}`
  return `${words.show(cause.file)} ${verb} ${names}${adverb} in line ${cause.line}${via(cause, words)}${behind}`
}

/** The start-up file that all began in, or the line that calls a function of the same file. */
function via(route: Route, { show }: Words): string {
  const outermost = route.via.at(-1)
  if (outermost === undefined) return ''
  if (outermost.file === route.file) return `, called in line ${outermost.line}`
  return `, read by ${show(outermost.file)} in line ${outermost.line}`
}

function explainUnread(
  file: string,
  because: NotReadReason,
  problem: Problem,
  { shell, loader, show }: Words,
): Pick<Finding, 'message' | 'cure'> {
  switch (because.kind) {
    case 'switched-off':
      return {
        message: `${show(because.file)} switches off all further start-up files in line ${because.line}, so ${show(file)} is not read.`,
        cure: TAKE_OUT,
      }
    case 'compiled':
      return {
        message: `${shell} reads the compiled ${show(because.file)} in place of ${show(file)}, which ${loader.isIn}.`,
        cure: `Compile it again: zcompile ${show(file)}`,
      }
    case 'not-sourced': {
      const { readInstead } = because
      const other = readInstead === undefined ? undefined : show(readInstead)
      return {
        message: `${subject(problem)} does not read ${show(file)}, which ${loader.isIn}${other === undefined ? '' : `, but ${other}`}.`,
        cure:
          other === undefined || readInstead?.startsWith('/etc/')
            ? undefined
            : `Add this line to ${other}: ${HAS_NO_DOT.has(shell) ? 'source' : '.'} ${show(file)}`,
      }
    }
  }
}

function explainHandOver(problem: Problem, to: string, words: Words): Finding {
  const { cause } = problem
  const has = `${to} ${lacks(problem)}`
  const known = loginShellNameOf(to)
  const setUp = known === undefined ? undefined : `Set up ${to} too: acs-env setup --shell ${to}`
  if (cause.kind !== 'last-line') {
    return { message: `${words.shell} hands over to ${to} while it starts, and ${has}.`, cure: setUp, where: undefined }
  }
  return {
    message: `${words.show(cause.file)} hands over to ${to} in line ${cause.line}${via(cause, words)}, and ${has}.`,
    cure: setUp ?? words.loader.moveUp,
    where: routeOf(cause),
  }
}

/** `in line 3 of ~/.nvm/nvm.sh (sleep), read by ~/.zshrc in line 41` */
function lastLine(cause: Cause, words: Words): string | undefined {
  if (cause.kind !== 'last-line') return undefined
  const command = cause.command === undefined ? '' : ` (${printable(cause.command)})`
  return `in line ${cause.line} of ${words.show(cause.file)}${command}${via(cause, words)}`
}

function subject({ starts }: Problem): string {
  if (starts.length > 1) return 'A new shell'
  return starts[0] === 'login' ? 'A new login shell' : 'A new shell that is not a login shell'
}

function lacks({ state, names }: Problem): string {
  const them = list(names)
  if (state === 'missing') return `does not have ${them}`
  if (state === 'unexported') return `has ${them} without exporting ${names.length === 1 ? 'it' : 'them'}`
  return `has another value in ${them} than the stored one`
}

function isAre({ names }: Problem): string {
  return names.length === 1 ? 'is' : 'are'
}

function list(names: readonly string[]): string {
  return names.join(' and ')
}

function routeOf(cause: Cause): Route | undefined {
  if (!('file' in cause)) return undefined
  if ('via' in cause) return { file: cause.file, line: cause.line, via: cause.via }
  const at = (place: Place): Route => ({ ...place, via: [] })
  if ('line' in cause) return at({ file: cause.file, line: cause.line })
  const [line] = cause.kind === 'in-file' ? cause.lines : []
  return line === undefined ? undefined : at({ file: cause.file, line })
}
