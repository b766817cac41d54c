import Enquirer from 'enquirer'
import { CancelledError, systemCode } from '../errors.ts'
import type { Terminal } from '../system/terminal.ts'

/** A question. `validate` gives the sentence to show for an answer that will not do. */
export type Question =
  | {
      readonly kind: 'text' | 'secret'
      readonly message: string
      readonly initial?: string
      readonly validate?: (answer: string) => string | undefined
    }
  | { readonly kind: 'confirm'; readonly message: string; readonly initial: boolean }

type AnswerTo<Asked extends Question> = Asked extends { kind: 'confirm' } ? boolean : string

const EMPTY = { input: '', cursor: 0 } as const
const SHOW_CURSOR = '\u001B[?25h'
const TYPES = { text: 'input', secret: 'invisible', confirm: 'confirm' } as const

interface Key {
  readonly name?: string
  readonly ctrl?: boolean
}

/** The parts of a running prompt that its types leave out. */
interface LivePrompt {
  once(event: 'start' | 'close', listener: () => void): void
  off(event: 'close', listener: () => void): void
  on(event: 'keypress', listener: (text: string, key: Key) => void): void
  render(): Promise<void>
  cancel(): Promise<void>
  stop(): void
  input: string
  cursor: number
}

/**
 * Asks one question on standard error and waits for the answer. A secret is not echoed, not even as stars. Ctrl+C,
 * Ctrl+D and Esc throw a `CancelledError`.
 */
export async function ask<Asked extends Question>(question: Asked, terminal: Terminal): Promise<AnswerTo<Asked>> {
  const { input, output } = terminal
  const enquirer = new Enquirer<{ answer: AnswerTo<Asked> }>()
  let live: LivePrompt | undefined
  // Going on after a stop: readline has paused the input, and leaves it to others to resume it.
  const goOn = (): void => {
    setImmediate(() => {
      if (live === undefined) return
      // Node sets no mode that it takes for the current one; a shell may have set another.
      input.setRawMode(false).setRawMode(true).resume()
      void live.render()
    })
  }
  const beforeStop = (_text: string, key: Key): void => {
    if (!key.ctrl || key.name !== 'z') return
    output.write(SHOW_CURSOR)
    // In a container nobody stops it, but readline has left the raw mode.
    goOn()
  }
  enquirer.on('prompt', (prompt: LivePrompt) => {
    live = prompt
    // By itself it would show the answer as "true" or "false".
    if (question.kind === 'confirm') Object.assign(prompt, { format: (yes: boolean) => (yes ? 'yes' : 'no') })
    prompt.once('start', () => tameClosing(prompt))
    prompt.on('keypress', (_text, key) => {
      // Left alone, Ctrl+D ends the process with the promise unsettled (enquirer#480).
      if (key.ctrl && key.name === 'd') void prompt.cancel()
    })
  })
  const judge = (text: string): string | true => {
    const mistake = 'validate' in question ? question.validate?.(text) : undefined
    // Nobody can correct what is not shown, and the next paste would be added to it.
    if (mistake !== undefined && question.kind === 'secret' && live !== undefined) Object.assign(live, EMPTY)
    return mistake ?? true
  }
  const stopListening = terminal.onContinue(goOn)
  input.prependListener('keypress', beforeStop)
  try {
    const { answer } = await enquirer.prompt({
      type: TYPES[question.kind],
      name: 'answer',
      message: question.message,
      ...('initial' in question && question.initial !== undefined && { initial: question.initial }),
      ...('validate' in question && { validate: judge }),
      stdin: input,
      stdout: output,
    })
    return answer
  } catch (error) {
    // A cancelled prompt rejects with an empty text (enquirer#225).
    if (error === '' || error === undefined) throw new CancelledError()
    throw error
  } finally {
    live = undefined
    stopListening()
    input.off('keypress', beforeStop)
    // After Ctrl+C the terminal stays in raw mode, and its cursor hidden.
    if (input.isRaw) input.setRawMode(false)
    input.pause()
    output.write(SHOW_CURSOR)
  }
}

/** From Node 24.2 on, enquirer's own clean-up pauses a readline that Ctrl+C has closed, and that throws (enquirer#483). */
function tameClosing(prompt: LivePrompt): void {
  const stop = prompt.stop
  prompt.off('close', stop)
  prompt.once('close', () => {
    try {
      stop()
    } catch (error) {
      if (systemCode(error) !== 'ERR_USE_AFTER_CLOSE') throw error
    }
  })
}
