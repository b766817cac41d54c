import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { spawn } from '@lydell/node-pty'
import { killIfThere } from '../programs/kill.ts'

/** More than the look has: a person waits, and a busy machine may stand still for seconds. */
const TIME_LIMIT_MS = 30_000
/** A person types once nothing has happened for so long, and waits a little for an answer. */
const QUIET_MS = 80
const ANSWER_MS = 500
/** After so long a person types whatever happens. */
const PATIENCE_MS = 1_000
const POLL_MS = 20
/** What every process of a terminal has in its environment, so that none is left over. */
const MARK = 'ACS_ENV_TEST_TERMINAL'
const FIRST_TIME_QUESTIONS = /Type one of the keys in parentheses/

/** As whom things run: an account of its own, or the user who runs the tests. */
export type Account = { readonly kind: 'own' } | { readonly kind: 'other'; readonly userId: number }

type ValueState = 'same' | 'other' | 'empty' | 'missing'

/** What became of a question that was typed at the prompt. */
export type TerminalAnswer =
  | {
      readonly kind: 'answered'
      readonly connectionString: ValueState
      readonly accessToken: ValueState
      /** The shell that passed the question on, which may have taken over from the first one. */
      readonly program: string
    }
  /** The terminal closed. */
  | { readonly kind: 'ended' }
  /** Nothing answered in time. */
  | { readonly kind: 'silent'; readonly output: string }

export interface NewTerminal {
  /** The path of the shell. */
  readonly shell: string
  readonly start: 'login' | 'interactive'
  readonly home: string
  /** Where the stored values are, which a start-up file that changes HOME must not move. */
  readonly store: string
  /** A directory for the question and its answer, which belongs to the account. */
  readonly scratch: string
  readonly account: Account
  /** What is typed before the question: `zsh -c` for one. */
  readonly script: string
}

/**
 * Names the shell as terminals do (`-zsh` at a login), which `exec -a` of bash can; the terminal belongs to its user.
 */
const STARTS = 'exec -a "$0" "$@"'
const STARTS_AS_OTHER =
  'chown "$1" "$(tty)"; exec setpriv --reuid="$1" --regid="$1" --clear-groups bash --noprofile --norc -c "$2" "$0" "${@:3}"'

/**
 * Opens a terminal with a shell in it, types a question at its prompt, and returns the answer.
 *
 * The question is the path of a program, so that it means the same in every shell, whichever one has taken over. It is
 * typed again where a start-up file has read it.
 */
export async function askInNewTerminal(terminal: NewTerminal): Promise<TerminalAnswer> {
  const { shell, start, home, scratch, account, script } = terminal
  const question = writeQuestion(terminal)
  const answerFile = join(scratch, 'answer')
  const calledAs = `${start === 'login' ? '-' : ''}${basename(shell)}`
  const words =
    account.kind === 'own'
      ? [STARTS, calledAs, shell]
      : [STARTS_AS_OTHER, calledAs, String(account.userId), STARTS, shell]
  const pty = spawn('/bin/bash', ['--noprofile', '--norc', '-c', ...words], {
    name: 'xterm-256color',
    cols: 200,
    rows: 24,
    cwd: home,
    env: {
      HOME: home,
      USER: 'somebody',
      LOGNAME: 'somebody',
      SHELL: shell,
      PATH: '/usr/local/bin:/usr/bin:/bin',
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      TMUX_TMPDIR: scratch,
      [MARK]: scratch,
    },
  })
  let output = ''
  let lastOutputAt = performance.now()
  let hasEnded = false
  pty.onData((data) => {
    output = (output + data).slice(-20_000)
    answerAsTerminal(data, (text) => pty.write(text))
    lastOutputAt = performance.now()
  })
  pty.onExit(() => (hasEnded = true))

  const startedAt = performance.now()
  let typedAt = startedAt
  let answerDueAt = startedAt
  try {
    while (performance.now() - startedAt < TIME_LIMIT_MS) {
      const answer = readAnswer(answerFile)
      if (answer !== undefined) return answer
      if (hasEnded) return { kind: 'ended' }
      const now = performance.now()
      const isQuiet = lastOutputAt > typedAt && now - lastOutputAt > QUIET_MS && now > answerDueAt
      if (isQuiet || now - typedAt > PATIENCE_MS) {
        // zsh asks somebody without start-up files what it should write into them; "q" declines.
        const declines = FIRST_TIME_QUESTIONS.test(output)
        output = ''
        pty.write(declines ? 'q' : `${script} ${question}\r`.trimStart())
        typedAt = performance.now()
        lastOutputAt = typedAt
        answerDueAt = typedAt + ANSWER_MS
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
    return { kind: 'silent', output }
  } finally {
    killEverythingIn(scratch)
  }
}

/** fish, nushell and xonsh ask the terminal where the cursor is, or what it is, and wait for that before they read. */
function answerAsTerminal(data: string, write: (text: string) => void): void {
  if (data.includes('\u001B[6n')) write('\u001B[1;1R')
  if (/\u001B\[0?c/.test(data)) write('\u001B[?62;c')
}

/** A program that compares, and shows nothing of the values. Its answer is a link, which any umask and limit allows. */
function writeQuestion({ store, scratch }: NewTerminal): string {
  const path = join(scratch, 'ask')
  const lines = [
    '#!/bin/sh',
    'answer=',
    'for pair in CONNECTION_STRING:connection-string ACCESS_TOKEN:access-token; do',
    '  name=AZURE_COMMUNICATION_${pair%:*} stored=',
    `  IFS= read -r stored < '${store}/'"\${pair#*:}" || :`,
    '  eval "value=\\${$name-} is_set=\\${$name+yes}"',
    '  if [ -z "$is_set" ]; then state=missing',
    '  elif [ -z "$value" ]; then state=empty',
    '  elif [ "$value" = "$stored" ]; then state=same',
    '  else state=other; fi',
    '  answer="$answer$state "',
    'done',
    'program=',
    'if [ -r "/proc/$PPID/comm" ]; then read -r program < "/proc/$PPID/comm"; fi',
    `/bin/ln -s "$answer$program" '${scratch}/answer' 2>/dev/null`,
    'echo "$answer$program"',
  ]
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o755 })
  return path
}

function readAnswer(path: string): TerminalAnswer | undefined {
  let answer: string
  try {
    answer = readlinkSync(path)
  } catch {
    return undefined
  }
  const [connectionString, accessToken, ...program] = answer.split(' ')
  return {
    kind: 'answered',
    connectionString: connectionString as ValueState,
    accessToken: accessToken as ValueState,
    program: program.join(' '),
  }
}

/** A job in the background, or a tmux server, would outlive the terminal. */
function killEverythingIn(scratch: string): void {
  for (const id of processesWith(`${MARK}=${scratch}`)) killIfThere(id, 'SIGKILL')
}

/** The processes that have this entry in their environment. */
export function processesWith(entry: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => environmentOf(name).includes(entry))
    .map(Number)
}

function environmentOf(processId: string): readonly string[] {
  try {
    return readFileSync(`/proc/${processId}/environ`, 'latin1').split('\0')
  } catch {
    // It has ended, or is somebody else's.
    return []
  }
}
