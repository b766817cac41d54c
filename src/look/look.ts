import type { Secret } from '../secret.ts'
import { programName } from '../shell-names.ts'
import { type AskedEnvironment, askForEnvironment } from '../shells/ask-environment.ts'
import { type Asked, askShell, type Opening } from '../shells/ask.ts'
import { isForeignHome } from '../shells/foreign-home.ts'
import { type NamedPipe, tryWithNamedPipes } from '../shells/named-pipes.ts'
import { OPENED_BY_US, sessionEnvironment } from '../shells/session-environment.ts'
import type { LoginShell, ShellStart } from '../shells/shell.ts'
import { builtin } from '../system/builtin.ts'
import type { SessionResult } from '../system/session.ts'
import { sha256 } from '../system/sha256.ts'
import type { Environment, System } from '../system/system.ts'
import type { Look, LookOutcome, NotStartedReason, VariableState } from './outcome.ts'
import { parseReaderAnswer, readerQuestion } from './reader-script.ts'
import { mayStartShell } from './starts-shell.ts'

/** Which shell to open, and what is expected of it. */
export interface LookRequest {
  readonly shell: LoginShell
  /** The program of the user's login shell: a path, or a name to be found on PATH. */
  readonly program: string
  readonly home: string
  readonly starts: readonly ShellStart[]
  /** Every start-up file of the user, in the order of reading. */
  readonly files: readonly string[]
  readonly expected: readonly ExpectedVariable[]
  /** For everything together; 10 seconds where absent. */
  readonly timeoutMs?: number
}

interface ExpectedVariable {
  readonly name: string
  readonly secret: Secret
}

export const LOOK_TIMEOUT_MS = 10_000

/** The shells of accounts that nobody logs in to. */
const NO_LOGIN = ['nologin', 'false', 'true', 'sync']

/**
 * Opens new shells as terminals do, side by side, and compares what they hand on to programs with what is expected.
 *
 * Each is the leader of a session without a terminal, with nothing on standard input and an environment made anew, and
 * is gone afterwards with all that it has started. It never gets the values. Nothing is thrown, whatever a shell does.
 *
 * @param signal ends it early; the outcomes are `interrupted` then
 */
export async function lookIntoNewShells(
  request: LookRequest,
  system: System,
  signal: AbortSignal,
): Promise<readonly Look[]> {
  const { starts, timeoutMs = LOOK_TIMEOUT_MS } = request
  const endsAt = system.elapsedMs() + timeoutMs
  const hindrance = hindranceOf(request, system)
  if (hindrance !== undefined) return starts.map((start) => ({ start, outcome: hindrance }))
  const looks = await tryWithNamedPipes(starts.length, { timeoutMs, signal }, system, (pipes) =>
    Promise.all(
      starts.map(async (start, index) => ({
        start,
        outcome: await lookInto(start, pipes?.[index], request, system, endsAt, signal),
      })),
    ),
  )
  if (!('kind' in looks)) return looks
  return starts.map((start) => ({ start, outcome: { kind: 'could-not-look', reason: looks.kind } }))
}

/** Why no shell is opened. */
function hindranceOf({ program, home }: LookRequest, system: System): LookOutcome | undefined {
  // A start-up file may call us.
  if (system.env[OPENED_BY_US] !== undefined) return { kind: 'could-not-look', reason: 'inside-a-look' }
  if (isForeignHome(home, system)) return { kind: 'could-not-look', reason: 'foreign-home' }
  return NO_LOGIN.includes(programName(program)) ? { kind: 'not-started', reason: 'no-login' } : undefined
}

async function lookInto(
  start: ShellStart,
  pipe: NamedPipe | undefined,
  request: LookRequest,
  system: System,
  endsAt: number,
  signal: AbortSignal,
): Promise<LookOutcome> {
  const { shell, program, home, expected, timeoutMs = LOOK_TIMEOUT_MS } = request
  const env = sessionEnvironment(program, home, system)
  const openingWith = (more: Partial<Opening> = {}): Opening => ({
    program,
    home,
    open: (command) => shell.open(start, command),
    env,
    timeoutMs: Math.max(1, endsAt - system.elapsedMs()),
    signal,
    ...more,
  })
  const askReader = async (more?: Partial<Opening>, onPath: readonly string[] = []): Promise<LookOutcome> => {
    const digests = new Map(expected.map(({ name, secret }) => [name, sha256(secret.reveal())]))
    const question = await readerQuestion(shell, digests, onPath)
    const asked = await askShell(question, openingWith(more), system)
    return signal.aborted ? { kind: 'interrupted' } : readAnswer(asked, request, timeoutMs)
  }

  const words = expected.map(({ name }, index) => [`${SET_WORD}${index}`, shell.setWord(name)] as const)
  const asked = pipe && (await askForEnvironment(Object.fromEntries(words), openingWith(), pipe, system))
  if (signal.aborted) return { kind: 'interrupted' }
  const outcome = (asked && readEnvironment(asked, request, timeoutMs)) ?? (await askReader())
  if (outcome.kind === 'answered' && mayStartShell(request.files)) {
    // One that was started within it has found its input empty and ended; at a terminal the user works in that one.
    const within = await askReader({ alsoOnInput: 'behind-a-blank' })
    return within.kind === 'handed-over' || within.kind === 'interrupted' ? ofItself(within, program) : outcome
  }
  if (outcome.kind !== 'ended') return outcome
  // Another shell that took its place has found its input empty and ended; so the question is put into its input.
  const prompt = shell.family === 'posix' ? shell.openPrompt?.(start) : undefined
  for (const alsoOnInput of ['behind-a-blank', 'as-they-are'] as const) {
    const onInput = await askReader({
      alsoOnInput,
      listenOn: [{ descriptor: 2, maxBytes: MOST_SAID_BYTES }],
      ...(prompt !== undefined && { open: () => ({ args: prompt }) }),
    })
    if (onInput.kind === 'answered' || onInput.kind === 'handed-over' || onInput.kind === 'interrupted')
      return ofItself(onInput, program)
    if (onInput.kind === 'could-not-look' && onInput.reason === 'needs-a-terminal') return onInput
    // A prompt puts a line without a blank in front into the history.
    if (prompt !== undefined) break
  }
  // Without a terminal these end. Within them the shell that the user works in reads its files again. Mostly it is none
  // of them that has ended it, and one shell more tells so.
  const inAny = await askReader({ env: Object.assign({ ...env }, ...Object.values(INSIDE)) as Environment })
  if (inAny.kind !== 'answered') return outcome
  for (const [multiplexer, marks] of Object.entries(INSIDE)) {
    const inside = await askReader({ env: { ...env, ...marks } }, [multiplexer])
    if (inside.kind === 'answered') return { ...inside, kind: 'handed-over', to: multiplexer }
  }
  return outcome
}

/** A shell that another one of its kind takes over from is still that shell. */
function ofItself(outcome: LookOutcome, program: string): LookOutcome {
  const isItself = outcome.kind === 'handed-over' && outcome.to === programName(program)
  return isItself ? { kind: 'answered', variables: outcome.variables } : outcome
}

/** With a number, the name of a word of the shell that tells an unset variable from one that is not exported. */
const SET_WORD = 'ACS_ENV_SET_'

/** What nushell says where it takes over, and there is no terminal for it. */
const NEEDS_TERMINAL = /STDIN is not a TTY/
const MOST_SAID_BYTES = 64 * 1024

/** By which the shells within a terminal multiplexer know that it runs already. */
const INSIDE: Readonly<Record<string, Environment>> = {
  tmux: { TMUX: '/tmp/tmux/default,1,0', TMUX_PANE: '%0', TERM: 'screen-256color', TERM_PROGRAM: 'tmux' },
  zellij: { ZELLIJ: '0', ZELLIJ_PANE_ID: '0', ZELLIJ_SESSION_NAME: 'main' },
  screen: { STY: '1.pts-0.host', WINDOW: '0', TERM: 'screen.xterm-256color' },
}

/** Undefined where only Node can answer. */
function readEnvironment(
  asked: AskedEnvironment,
  { expected }: LookRequest,
  timeoutMs: number,
): LookOutcome | undefined {
  switch (asked.kind) {
    // Counts before the result: whatever a shell does when it ends, it handed on these values.
    case 'answered': {
      const { environment } = asked
      const variables = expected.map((variable, index) => ({
        name: variable.name,
        state: stateIn(environment, variable, index),
      }))
      return { kind: 'answered', variables }
    }
    case 'unanswered':
      return asked.result.kind === 'timed-out' ? { kind: 'too-slow', timeoutMs } : undefined
    case 'not-reached':
      return readEnd(asked.result, timeoutMs)
  }
}

function stateIn(environment: Environment, { name, secret }: ExpectedVariable, index: number): VariableState {
  const value = environment[name]
  if (value === undefined) return environment[`${SET_WORD}${index}`] === '' ? 'missing' : 'unexported'
  return value === secret.reveal() ? 'same' : 'other'
}

function readAnswer(asked: Asked, { expected }: LookRequest, timeoutMs: number): LookOutcome {
  if (asked.kind === 'no-directory') return { kind: 'could-not-look', reason: 'no-directory' }
  if (asked.kind === 'answered') {
    const names = expected.map(({ name }) => name)
    const { by, variables } = parseReaderAnswer(asked.answer, names)
    return by === undefined ? { kind: 'answered', variables } : { kind: 'handed-over', to: programName(by), variables }
  }
  if ('heard' in asked.result && NEEDS_TERMINAL.test(String(asked.result.heard))) {
    return { kind: 'could-not-look', reason: 'needs-a-terminal' }
  }
  const ended = readEnd(asked.result, timeoutMs)
  return asked.kind === 'unanswered' && ended.kind === 'ended'
    ? { kind: 'could-not-look', reason: 'node-does-not-run' }
    : ended
}

function readEnd(result: SessionResult, timeoutMs: number): LookOutcome {
  switch (result.kind) {
    case 'not-started':
      return { kind: 'not-started', reason: notStartedReason(result.code) }
    case 'timed-out':
      return { kind: 'too-slow', timeoutMs }
    case 'exited':
      return { kind: 'ended', exitCode: result.exitCode }
    case 'killed':
      return { kind: 'ended', exitCode: 128 + builtin('node:os').constants.signals[result.signal] }
  }
}

function notStartedReason(code: string | undefined): NotStartedReason {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no-such-program'
  return code === 'EACCES' ? 'not-executable' : 'other'
}
