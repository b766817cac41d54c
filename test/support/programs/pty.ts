import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import { BUILT, cleanEnvironment } from './built.ts'
import { killIfThere } from './kill.ts'

/** What a person presses besides letters. */
export const KEYS = {
  enter: '\r',
  backspace: '\u007F',
  esc: '\u001B',
  space: ' ',
  down: '\u001B[B',
  'ctrl-c': '\u0003',
  'ctrl-d': '\u0004',
  'ctrl-e': '\u0005',
  'ctrl-u': '\u0015',
  'ctrl-z': '\u001A',
} as const

/** Escape sequences, whole or cut by the end of what has come so far. */
const ESCAPES = /\u001B(?:\[[0-9;?]*(?:[ -/]*[@-~]|$)|[@-Z\\^_]|$)/g
/**
 * bash goes on after a signal that its child has dealt with; dash does not. At the end it waits, since what is written
 * just before a terminal closes may be lost.
 */
const SCRIPT = 'trap : TERM; "$@"; printf "\\nended:%s\\n" $?; stty -a; echo over; read -r'
const OVER = /\nended:(\d+)\r\n([^]*)\nover\r\n/
const WAIT_MS = 40_000
/** First on PATH: the wizard offers what the machine's own schedulers can do. */
const NO_SCHEDULER = fileURLToPath(new URL('no-scheduler', import.meta.url))
const ROWS = 24

export interface PtyOptions {
  readonly home: string
  readonly nodePath: string
  /** Takes the place of Node and the bundle. */
  readonly program?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly columns?: number
}

export interface PtyExit {
  /** As a shell reports it: 128 and more is a signal. */
  readonly exitCode: number
  /** What `stty -a` says afterwards. */
  readonly modes: readonly string[]
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
  waitFor(text: string): Promise<void>
  type(text: string): void
  press(key: keyof typeof KEYS): void
  /** Sends the signal to everything that runs in the terminal. */
  kill(signal: NodeJS.Signals): void
  /** Waits for the end; the time counts from the call. */
  exit(): Promise<PtyExit>
}

/** Starts the built program in a pseudo-terminal. */
export function runInTerminal(args: readonly string[], options: PtyOptions): PtyRun {
  const { home, nodePath, program = [nodePath, BUILT], env = {}, columns = 80 } = options
  const pty = spawn('/bin/bash', ['-c', SCRIPT, 'bash', ...program, ...args], {
    name: env.TERM ?? 'xterm-256color',
    cols: columns,
    rows: ROWS,
    cwd: home,
    env: cleanEnvironment(home, {
      PATH: [NO_SCHEDULER, process.env.PATH ?? ''].join(delimiter),
      TERM: 'xterm-256color',
      SHELL: '/bin/bash',
      ...env,
    }),
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
  const closed = new Promise<void>((resolve) => {
    pty.onExit(() => {
      running = false
      resolve()
    })
  })

  const waitUntil = (isThere: () => boolean, wanted: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer)
        listeners.delete(listener)
        act()
      }
      const listener = (): void => {
        if (isThere()) settle(resolve)
      }
      const fail = (why: string): void =>
        settle(() => reject(new Error(`${why} without ${wanted} after:\n${text().slice(-2000)}`)))
      const timer = setTimeout(() => fail(`${WAIT_MS} ms went by`), WAIT_MS)
      listeners.add(listener)
      listener()
      void closed.then(() => {
        if (listeners.has(listener)) fail('it closed')
      })
    })
  return {
    raw: () => raw,
    text,
    screen: () => renderScreen(raw, columns),
    waitFor: (wanted) =>
      waitUntil(() => {
        const index = text().indexOf(wanted, seen)
        if (index !== -1) seen = index + wanted.length
        return index !== -1
      }, wanted),
    type: (typed) => pty.write(typed),
    press: (key) => pty.write(KEYS[key]),
    kill: (signal) => {
      if (running) killIfThere(-pty.pid, signal)
    },
    exit: async () => {
      const started = performance.now()
      await waitUntil(() => OVER.test(text()), 'its end')
      const elapsedMs = performance.now() - started
      const [, exitCode, modes = ''] = OVER.exec(text()) ?? []
      return { exitCode: Number(exitCode), modes: modes.split(/[\s;]+/), elapsedMs }
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
        if (argument === '3') {
          const above = top()
          lines.splice(0, above)
          row -= above
          return
        }
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
