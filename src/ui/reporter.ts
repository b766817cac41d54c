import type { Style, Terminal } from '../system/terminal.ts'
import { printable } from '../text/printable.ts'
import { wrapSentences } from '../text/wrap.ts'

export interface ReporterOptions {
  readonly quiet: boolean
  readonly verbose: boolean
  readonly color: boolean
}

/** What is said on the way, on standard error. */
export interface Reporter {
  /** A block of text; its sentences are wrapped, and what is indented stays as it is. */
  show(text: string): void
  note(text: string): void
  warn(text: string): void
  /** Only with --verbose. */
  detail(text: string): void
  /** Shows that `work` is going on. */
  during<Result>(text: string, work: () => Promise<Result>): Promise<Result>
  style(style: Style, text: string): string
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 80
/** The frame, the space behind it, and a column for the cursor. */
const SPINNER_WIDTH = 3
/** Faster than this nobody needs to be told. */
const DELAY_MS = 200

export function createReporter(terminal: Terminal, { quiet, verbose, color }: ReporterOptions): Reporter {
  const style: Reporter['style'] = (name, text) => (color ? terminal.style(name, text) : text)
  const say = (text: string): void => terminal.say(wrapSentences(text, terminal.width(2)))
  const show = (text: string): void => {
    if (!quiet) say(text)
  }
  return {
    show,
    note: (text) => show(`${style('cyan', 'note:')} ${printable(text)}\n`),
    warn: (text) => say(`${style('yellow', 'warning:')} ${printable(text)}\n`),
    detail: (text) => {
      if (verbose) say(`${style('dim', printable(text))}\n`)
    },
    during: async (text, work) => {
      if (quiet || !terminal.isLive) return work()
      // A line that wraps could not be taken back.
      const line = printable(text).slice(0, Math.max(0, terminal.width(2) - SPINNER_WIDTH))
      let frame = 0
      const draw = (): void => {
        terminal.say(`\r\u001B[2K${style('cyan', FRAMES[frame % FRAMES.length] ?? '')} ${line}`)
        frame += 1
      }
      let timer: NodeJS.Timeout = setTimeout(() => {
        draw()
        timer = setInterval(draw, FRAME_MS)
      }, DELAY_MS)
      try {
        return await work()
      } finally {
        clearInterval(timer)
        if (frame > 0) terminal.say('\r\u001B[2K')
      }
    },
    style,
  }
}
