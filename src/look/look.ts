import type { Secret } from '../secret.ts'
import { type Asked, askShell, type Opening } from '../shells/ask.ts'
import { programName } from '../shells/index.ts'
import { OPENED_BY_US, sessionEnvironment } from '../shells/session-environment.ts'
import type { LoginShell, ShellStart } from '../shells/shell.ts'
import { builtin } from '../system/builtin.ts'
import { sha256 } from '../system/sha256.ts'
import type { System } from '../system/system.ts'
import type { Look, LookOutcome, NotStartedReason } from './outcome.ts'
import { parseReaderAnswer, readerQuestion } from './reader-script.ts'

/** Which shell to open, and what is expected of it. */
export interface LookRequest {
  readonly shell: LoginShell
  /** The program of the user's login shell: a path, or a name to be found on PATH. */
  readonly program: string
  readonly home: string
  readonly starts: readonly ShellStart[]
  readonly expected: readonly ExpectedVariable[]
  /** For everything together; 10 seconds where absent. */
  readonly timeoutMs?: number
}

interface ExpectedVariable {
  readonly name: string
  readonly secret: Secret
}

export const LOOK_TIMEOUT_MS = 10_000

/** What the accounts that nobody logs in to have for a shell. */
const NO_LOGIN = ['nologin', 'false', 'true', 'sync']

/**
 * Opens new shells as terminals do, side by side, and compares what they hand on to programs with what is expected.
 *
 * Each is the leader of a session without a terminal, with nothing on standard input and an environment made anew, and
 * is gone afterwards with all that it has started. It is told the digests of the values, never the values. Nothing is
 * thrown for whatever a shell does.
 *
 * @param signal ends it early; the outcomes are `interrupted` then
 */
export async function lookIntoNewShells(
  request: LookRequest,
  system: System,
  signal: AbortSignal,
): Promise<readonly Look[]> {
  const endsAt = system.elapsedMs() + (request.timeoutMs ?? LOOK_TIMEOUT_MS)
  return await Promise.all(
    request.starts.map(async (start) => ({ start, outcome: await lookInto(start, request, system, endsAt, signal) })),
  )
}

async function lookInto(
  start: ShellStart,
  request: LookRequest,
  system: System,
  endsAt: number,
  signal: AbortSignal,
): Promise<LookOutcome> {
  const { shell, program, home, expected, timeoutMs = LOOK_TIMEOUT_MS } = request
  // A start-up file may call us.
  if (system.env[OPENED_BY_US] !== undefined) return { kind: 'could-not-look', reason: 'inside-a-look' }
  if (NO_LOGIN.includes(programName(program))) return { kind: 'not-started', reason: 'no-login' }
  const env = sessionEnvironment(program, home, system)
  const question = readerQuestion(shell, new Map(expected.map(({ name, secret }) => [name, sha256(secret.reveal())])))
  const ask = (more: Partial<Opening> = {}): Promise<Asked> =>
    askShell(
      question,
      {
        program,
        home,
        args: (command) => shell.open(start, command),
        env,
        timeoutMs: Math.max(1, endsAt - system.elapsedMs()),
        signal,
        ...more,
      },
      system,
    )
  const read = (asked: Asked): LookOutcome =>
    signal.aborted ? { kind: 'interrupted' } : readOutcome(asked, request, timeoutMs)

  const outcome = read(await ask())
  if (outcome.kind !== 'ended') return outcome
  // Another shell that has taken its place finds the end of its input and is gone; it is asked there.
  const onInput = read(await ask({ alsoOnInput: true }))
  if (onInput.kind === 'answered' || onInput.kind === 'handed-over' || onInput.kind === 'interrupted') return onInput
  // Without a terminal tmux ends. Within it the shell that the user works in reads its files again.
  const inTmux = read(await ask({ env: { ...env, ...INSIDE_TMUX } }))
  return inTmux.kind === 'answered' ? { ...inTmux, kind: 'handed-over', to: 'tmux' } : outcome
}

const INSIDE_TMUX = { TMUX: '/tmp/tmux/default,1,0', TMUX_PANE: '%0', TERM: 'screen-256color', TERM_PROGRAM: 'tmux' }

function readOutcome(asked: Asked, { expected }: LookRequest, timeoutMs: number): LookOutcome {
  if (asked.kind === 'no-directory') return { kind: 'could-not-look', reason: 'no-directory' }
  // Before the result: whatever a shell does when it ends, the values were there.
  if (asked.kind === 'answered') {
    const names = expected.map(({ name }) => name)
    const { by, variables } = parseReaderAnswer(asked.answer, names)
    return by === undefined ? { kind: 'answered', variables } : { kind: 'handed-over', to: programName(by), variables }
  }
  const { result } = asked
  if (result.kind === 'not-started') return { kind: 'not-started', reason: notStartedReason(result.code) }
  if (result.kind === 'timed-out') return { kind: 'too-slow', timeoutMs }
  if (asked.kind === 'unanswered') return { kind: 'could-not-look', reason: 'node-does-not-run' }
  if (result.kind === 'exited') return { kind: 'ended', exitCode: result.exitCode }
  return { kind: 'ended', exitCode: 128 + builtin('node:os').constants.signals[result.signal] }
}

function notStartedReason(code: string | undefined): NotStartedReason {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no-such-program'
  return code === 'EACCES' ? 'not-executable' : 'other'
}
