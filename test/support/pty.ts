import { spawn } from '@lydell/node-pty'
import { BUILT, cleanEnvironment } from './built.ts'

/** What a person presses besides letters. */
const KEYS = { enter: '\r', backspace: '\u007F', esc: '\u001B', 'ctrl-c': '\u0003', 'ctrl-d': '\u0004' } as const

/** Escape sequences, whole or cut by the end of what has come so far. */
const ESCAPES = /\u001B(?:\[[0-9;?]*(?:[ -/]*[@-~]|$)|[@-Z\\^_]|$)/g
const WAIT_MS = 15_000
const ROWS = 24

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
  /** Every byte that came, escape sequences and all. */
  readonly raw: () => string
  /** What came, without the escape sequences. */
  readonly text: () => string
  /** What a person sees: the lines on the screen and above it. */
  readonly screen: () => string
  /** Waits until this text has come since the last wait. */
  waitFor(text: string | RegExp): Promise<void>
  type(text: string): void
  press(key: keyof typeof KEYS): void
  /** Sends the signal to everything that runs in the terminal. */
  kill(signal: NodeJS.Signals): void
  /** Waits for the end; the time counts from the call. */
  exit(): Promise<PtyExit>
}

/** Starts the built program in a pseudo-terminal. */
export function runInTerminal(args: readonly string[], options: PtyOptions): PtyRun {
  const { home, nodePath, env = {}, columns = 80, thenModes = false } = options
  const command = [nodePath, BUILT, ...args]
  // bash goes on after a signal that its child has dealt with; dash does not.
  const inShell = ['-c', 'trap : TERM; "$@"; printf "\\nended:%s\\n" $?; stty -a', 'bash', ...command]
  const [program = '', ...rest] = thenModes ? ['/bin/bash', ...inShell] : command
  const pty = spawn(program, rest, {
    name: 'xterm-256color',
    cols: columns,
    rows: ROWS,
    cwd: home,
    env: cleanEnvironment(home, { TERM: 'xterm-256color', SHELL: '/bin/bash', ...env }),
  })
  let raw = ''
  let seen = 0
  let running = true
  const listeners = new Set<() => void>()
  const text = (): string => raw.replaceAll(ESCAPES, '')
  pty.onData((data) => {
    raw += data
    for (const listener of listeners) listener()
  })
  const ended = new Promise<{ exitCode: number; signal: number | undefined }>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      running = false
      resolve({ exitCode, signal: signal === 0 ? undefined : signal })
    })
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
    raw: () => raw,
    text,
    screen: () => renderScreen(raw, columns),
    waitFor,
    type: (typed) => pty.write(typed),
    press: (key) => pty.write(KEYS[key]),
    kill: (signal) => {
      if (running) process.kill(-pty.pid, signal)
    },
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

/** Knows the sequences that prompts use, and throws on any other. */
function renderScreen(raw: string, columns: number): string {
  const lines: string[][] = [[]]
  let row = 0
  let column = 0
  const top = (): number => Math.max(lines.length - ROWS, 0)
  const goTo = (wanted: number): void => {
    row = Math.min(Math.max(wanted, top()), top() + ROWS - 1)
    while (lines.length <= row) lines.push([])
  }
  const lineFeed = (): void => {
    row += 1
    if (row === lines.length) lines.push([])
  }
  const put = (character: string): void => {
    if (column === columns) {
      lineFeed()
      column = 0
    }
    const line = lines[row] ?? []
    while (line.length < column) line.push(' ')
    line[column] = character
    column += 1
  }
  const control = (final: string, argument: string): void => {
    const count = Number(argument || 1)
    const moves: Record<string, () => void> = {
      A: () => goTo(row - count),
      B: () => goTo(row + count),
      C: () => (column = Math.min(column + count, columns - 1)),
      D: () => (column = Math.max(Math.min(column, columns - 1) - count, 0)),
      E: () => ((column = 0), goTo(row + count)),
      F: () => ((column = 0), goTo(row - count)),
      G: () => (column = Math.min(count, columns) - 1),
      J: () => {
        lines[row]?.splice(column)
        for (const line of lines.slice(row + 1)) line.length = 0
      },
      K: () => {
        if (argument === '2') lines[row]?.fill(' ')
        else lines[row]?.splice(column)
      },
      m: () => undefined,
      h: () => undefined,
      l: () => undefined,
    }
    const move = moves[final]
    if (move === undefined) throw new Error(`Unknown sequence: CSI ${argument}${final}`)
    move()
  }
  for (const [piece, argument = '', final] of raw.matchAll(/\u001B\[\??([0-9;]*)([A-Za-z])|[^]/gu)) {
    if (final !== undefined) control(final, argument)
    else if (piece === '\r') column = 0
    else if (piece === '\n') lineFeed()
    else if (piece !== '\u0007') put(piece)
  }
  return lines.map((line) => line.join('').trimEnd()).join('\n')
}
