import { styleText } from 'node:util'
import { CliError, systemCode } from '../errors.ts'
import { decodeText } from '../text/decode.ts'
import { builtin } from './builtin.ts'
import { isTerminal, readAtOnce, writeAtOnce } from './streams.ts'

export type Style = 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'

/** The three standard streams. Answers go to standard output, everything said on the way to standard error. */
export interface Terminal {
  /** A person can be asked: standard input and standard error are terminals. */
  readonly canAsk: boolean
  /** Standard input is a terminal, which shows what is typed. */
  readonly inputIsTerminal: boolean
  /** What is said can be redrawn on one line. */
  readonly isLive: boolean
  /** How wide a line on a stream may be: as the terminal is, 100 columns at most; where it is none, without end. */
  width(descriptor: 1 | 2): number
  /** For the prompts, which need the streams themselves. */
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  /**
   * Writes to standard output; resolves when it has been taken, or nobody reads any more.
   *
   * @param mustBeRead nobody reading is an error
   */
  answer(text: string, mustBeRead?: boolean): Promise<void>
  /** Writes to standard error. */
  say(text: string): void
  /** Everything on standard input. */
  readInput(): Promise<string>
  /** Styles a text as the stream may have it that it goes to: standard error, unless another is named. */
  style(style: Style, text: string, descriptor?: 1 | 2): string
  /** Stops the process, and the others of its job, as Ctrl+Z does where the terminal is not in raw mode. */
  suspend(): void
  /** Sets the raw mode again in one step, whatever has become of it. False where only the stream can do it. */
  setRawAgain(): boolean
  /** Listens for the process going on after a stop, as by Ctrl+Z and `fg`. The function that it returns ends that. */
  onContinue(listener: () => void): () => void
  /** Listens for the process ending, by a signal too. The function that it returns ends that. */
  onEnd(listener: () => void): () => void
}

/** Longer lines are hard to read. */
const MAX_WIDTH = 100

/** More than any answer to this program needs; a guard against a wrong pipe. */
const MAX_INPUT_BYTES = 1024 * 1024

const STTY_TIMEOUT_MS = 1000
/** The raw mode as Node sets it. */
const RAW_MODE = '-brkint -icrnl -inpck -istrip -ixon onlcr cs8 -echo -icanon -iexten -isig min 1 time 0'.split(' ')

/** What ends a program that does not listen for it. */
const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** The real terminal. */
export function createTerminal(): Terminal {
  return {
    get canAsk() {
      return isTerminal(0) && isTerminal(2) && !inputIsSpent
    },
    get inputIsTerminal() {
      return isTerminal(0)
    },
    get isLive() {
      return isTerminal(2) && process.env.TERM !== 'dumb'
    },
    width,
    get input() {
      return process.stdin
    },
    get output() {
      return process.stderr
    },
    answer,
    say,
    readInput,
    style: (name, text, descriptor = 2) =>
      mayBeStyled(descriptor)
        ? styleText(name, text, { stream: descriptor === 1 ? process.stdout : process.stderr })
        : text,
    suspend: () => {
      // Windows has no such thing.
      if (process.platform !== 'win32') process.kill(0, 'SIGTSTP')
    },
    setRawAgain,
    onContinue: (listener) => {
      process.on('SIGCONT', listener)
      return () => process.off('SIGCONT', listener)
    },
    onEnd,
  }
}

/** The same terminal for a command: what it styles by itself is its answer, and so goes to standard output. */
export function forAnswers(terminal: Terminal, color: boolean): Terminal {
  const style: Terminal['style'] = (name, text, descriptor = 1) =>
    color ? terminal.style(name, text, descriptor) : text
  // Not copied: asking for a stream loads it.
  return Object.create(terminal, { style: { value: style } }) as Terminal
}

function onEnd(listener: () => void): () => void {
  const endBySignal = (signal: NodeJS.Signals): void => {
    stopListening()
    listener()
    // Now that nobody listens, it ends the process as it would have.
    process.kill(process.pid, signal)
  }
  const stopListening = (): void => {
    process.off('exit', listener)
    for (const signal of ENDING_SIGNALS) process.off(signal, endBySignal)
  }
  process.on('exit', listener)
  for (const signal of ENDING_SIGNALS) process.on(signal, endBySignal)
  return stopListening
}

function setRawAgain(): boolean {
  // Windows stops no program, and would look for this one in the working directory first.
  if (process.platform === 'win32') return false
  const { status } = builtin('node:child_process').spawnSync('stty', RAW_MODE, {
    stdio: ['inherit', 'ignore', 'ignore'],
    timeout: STTY_TIMEOUT_MS,
  })
  return status === 0
}

let listensForErrors = false
let inputIsSpent = false

function width(descriptor: 1 | 2): number {
  if (!isTerminal(descriptor)) return Infinity
  const { columns } = descriptor === 1 ? process.stdout : process.stderr
  // A terminal that does not know its width says 0 or nothing.
  return columns > 0 ? Math.min(columns, MAX_WIDTH) : MAX_WIDTH
}

/** Where it may, Node decides: it knows what terminals can do, and variables such as NO_COLOR. */
function mayBeStyled(descriptor: 1 | 2): boolean {
  return isTerminal(descriptor) || process.env.FORCE_COLOR !== undefined
}

function say(text: string): void {
  const rest = writeAtOnce(2, text)
  if (rest.length === 0) return
  // Nobody reads the messages any more, as behind a closed pipe, which is no reason to stop.
  if (!listensForErrors) process.stderr.on('error', () => undefined)
  listensForErrors = true
  process.stderr.write(rest)
}

async function answer(text: string, mustBeRead = false): Promise<void> {
  const rest = writeAtOnce(1, text)
  if (rest.length > 0) await answerByStream(rest, mustBeRead)
}

function answerByStream(rest: Buffer, mustBeRead: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const { stdout } = process
    const fail = (error: Error): void => {
      // The reader went away, as `head` does, and wants no more.
      if (systemCode(error) === 'EPIPE' && !mustBeRead) return resolve()
      const hint = 'is the disk full, or the file closed? "acs-env status" says what is stored'
      reject(new CliError(`Standard output could not be written (${systemCode(error)}).`, { code: 'output', hint }))
    }
    stdout.once('error', fail)
    stdout.write(rest, (error) => {
      // An error event follows a failed write; it is handled there.
      if (error) return
      stdout.off('error', fail)
      resolve()
    })
  })
}

async function readInput(): Promise<string> {
  // A terminal whose input has ended answers no further question.
  inputIsSpent = true
  const chunks: Buffer[] = []
  let size = 0
  const take = (chunk: Buffer): void => {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_INPUT_BYTES) {
      throw new CliError('There is more than 1 MB on standard input.', {
        code: 'input',
        hint: 'pipe in the value alone',
      })
    }
  }
  try {
    if (!readAtOnce(0, take)) for await (const chunk of process.stdin as AsyncIterable<Buffer>) take(chunk)
  } catch (error) {
    if (error instanceof CliError || systemCode(error) === undefined) throw error
    const hint = 'pipe the value in, or name a file that can be read'
    throw new CliError(`Standard input could not be read (${systemCode(error)}).`, { code: 'input', hint })
  }
  return decodeText(Buffer.concat(chunks))
}
