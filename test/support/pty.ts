import { spawn } from '@lydell/node-pty'
import { BUILT, cleanEnvironment } from './built.ts'

/** What a person presses besides letters. */
const KEYS = { enter: '\r', backspace: '\u007F', esc: '\u001B', 'ctrl-c': '\u0003', 'ctrl-d': '\u0004' } as const

/** Escape sequences, whole or cut by the end of what has come so far. */
// oxlint-disable-next-line no-control-regex
const ESCAPES = /\u001B(?:\[[0-9;?]*(?:[ -/]*[@-~]|$)|[@-Z\\^_]|$)/g
const WAIT_MS = 15_000

export interface PtyOptions {
  readonly home: string
  readonly nodePath: string
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
  /** Ask the terminal for its modes when the program has ended; a shell in between does that. */
  readonly thenModes?: boolean
}

export interface PtyExit {
  readonly exitCode: number
  readonly signal: number | undefined
  /** What `stty -a` says afterwards, with `thenModes`. */
  readonly modes: string
  readonly elapsedMs: number
}

/** The built program in a terminal of its own, and the person in front of it. */
export interface PtyRun {
  readonly processId: number
  /** Every byte that came, escape sequences and all. */
  readonly raw: () => string
  /** What came, without the escape sequences. */
  readonly text: () => string
  /** Waits until this text has come since the last wait. */
  waitFor(text: string | RegExp): Promise<void>
  type(text: string): void
  press(key: keyof typeof KEYS): void
  kill(signal: 'SIGTERM' | 'SIGHUP'): void
  /** Waits for the end; the time counts from the call. */
  exit(): Promise<PtyExit>
}

/** Starts the built program in a pseudo-terminal. */
export function runInTerminal(args: readonly string[], options: PtyOptions): PtyRun {
  const { home, nodePath, env = {}, columns = 80, thenModes = false } = options
  const command = [nodePath, BUILT, ...args]
  // bash goes on after a Ctrl+C that its child has dealt with; dash does not.
  const inShell = ['-c', '"$@"; printf "\\nended:%s\\n" $?; stty -a', 'bash', ...command]
  const [program = '', ...rest] = thenModes ? ['/bin/bash', ...inShell] : command
  const pty = spawn(program, rest, {
    name: 'xterm-256color',
    cols: columns,
    rows: 24,
    cwd: home,
    env: cleanEnvironment(home, { TERM: 'xterm-256color', SHELL: '/bin/bash', ...env }),
  })
  let raw = ''
  let seen = 0
  const listeners = new Set<() => void>()
  const text = (): string => raw.replaceAll(ESCAPES, '')
  pty.onData((data) => {
    raw += data
    for (const listener of listeners) listener()
  })
  const ended = new Promise<{ exitCode: number; signal: number | undefined }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => resolve({ exitCode, signal: signal === 0 ? undefined : signal }))
  })

  const find = (wanted: string | RegExp): boolean => {
    const rest = text().slice(seen)
    const index = typeof wanted === 'string' ? rest.indexOf(wanted) : rest.search(wanted)
    if (index === -1) return false
    seen += index + (typeof wanted === 'string' ? wanted.length : (wanted.exec(rest)?.[0].length ?? 0))
    return true
  }
  const waitFor = (wanted: string | RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer)
        listeners.delete(listener)
        act()
      }
      const listener = (): void => {
        if (find(wanted)) settle(resolve)
      }
      const fail = (why: string): void =>
        settle(() => reject(new Error(`${why} without ${String(wanted)} after:\n${text().slice(-2000)}`)))
      const timer = setTimeout(() => fail('15 s went by'), WAIT_MS)
      listeners.add(listener)
      listener()
      void ended.then(() => {
        if (listeners.has(listener)) fail('it ended')
      })
    })
  return {
    processId: pty.pid,
    raw: () => raw,
    text,
    waitFor,
    type: (typed) => pty.write(typed),
    press: (key) => pty.write(KEYS[key]),
    kill: (signal) => pty.kill(signal),
    exit: async () => {
      const started = performance.now()
      const { exitCode, signal } = await ended
      const elapsedMs = performance.now() - started
      if (!thenModes) return { exitCode, signal, modes: '', elapsedMs }
      const [, code, modes = ''] = /ended:(\d+)\s+([^]*)$/.exec(text()) ?? []
      return { exitCode: Number(code), signal, modes, elapsedMs }
    },
  }
}
