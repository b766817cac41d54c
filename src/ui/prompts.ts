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
/** Drawing takes the square of the time. */
const MAX_SHOWN_CHARACTERS = 1024
const TYPES = { text: 'input', secret: 'invisible', confirm: 'confirm' } as const

/** What Ctrl and a letter do: enquirer leaves Ctrl+D to a bug (enquirer#480), and makes "undo" of Ctrl+U. */
const KEYS = {
  actions: {
    ctrl: {
      a: 'first',
      b: 'backward',
      c: 'cancel',
      d: 'cancel',
      e: 'last',
      f: 'forward',
      k: 'cutForward',
      u: 'reset',
      w: 'cutLeft',
    },
  },
} as const

interface Key {
  readonly name?: string
  readonly ctrl?: boolean
  readonly meta?: boolean
}

type KeyListener = (text: string | undefined, key: Key) => void

/** The parts of a running prompt that its types leave out. */
interface LivePrompt {
  once(event: 'start' | 'close', listener: () => void): void
  off(event: 'close', listener: () => void): void
  render(): Promise<void>
  cursorShow(): void
  readonly styles: { readonly primary: object }
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
  const beforeStop: KeyListener = (_text, key) => {
    if (!key.ctrl || key.name !== 'z') return
    output.write(SHOW_CURSOR)
    // In a container nobody stops it, but readline has left the raw mode.
    goOn()
  }
  enquirer.on('prompt', (prompt: LivePrompt) => {
    live = prompt
    setColors(prompt, terminal.style('bold', 'x', 2) !== 'x')
    // By itself it would show the answer as "true" or "false".
    if (question.kind === 'confirm') Object.assign(prompt, { format: (yes: boolean) => (yes ? 'yes' : 'no') })
    else Object.assign(prompt, { last: () => moveToEnd(prompt) })
    prompt.once('start', () => {
      tameClosing(prompt)
      takeInPieces(prompt, input, question.kind === 'text' ? MAX_SHOWN_CHARACTERS : Number.POSITIVE_INFINITY)
    })
  })
  let refused = ''
  const judge = (text: string): string | true => {
    const mistakeIn = (answer: string): string | undefined =>
      'validate' in question ? question.validate?.(answer) : undefined
    const mistake = mistakeIn(text)
    if (mistake === undefined || question.kind !== 'secret' || live === undefined) return mistake ?? true
    // A paste that was wrapped comes as two answers.
    const whole = refused + text
    refused = text
    const isWhole = mistakeIn(whole) === undefined
    // Nobody can correct what is not shown, and the next paste would be added to it.
    Object.assign(live, isWhole ? { input: whole } : EMPTY)
    return isWhole || mistake
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
      ...KEYS,
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

/** Enquirer knows no NO_COLOR, and its own cursor is nothing but a colour. */
function setColors(prompt: LivePrompt, enabled: boolean): void {
  // What all its styles inherit from.
  Object.assign(Object.getPrototypeOf(prompt.styles.primary) as object, { enabled })
  if (enabled) return
  Object.assign(prompt, { cursorHide: () => undefined })
  prompt.cursorShow()
}

/** Enquirer itself stops one character before it, and in an empty line before its beginning. */
function moveToEnd(prompt: LivePrompt): Promise<void> {
  prompt.cursor = prompt.input.length
  return prompt.render()
}

/** Hands enquirer what came at once in one piece: it takes a millisecond and a drawing for each key. */
function takeInPieces(prompt: LivePrompt, input: NodeJS.ReadStream, limit: number): void {
  const take = input.listeners('keypress').at(-1) as KeyListener
  let piece = ''
  const passOn = (): void => {
    if (piece !== '') take(piece, {})
    piece = ''
  }
  const collect: KeyListener = (text, key) => {
    if (text !== undefined && text >= ' ' && text !== '\u007F' && !key.ctrl && !key.meta) {
      if (piece === '') setImmediate(passOn)
      if (`${prompt.input}${piece}`.length < limit) piece += text
    } else {
      passOn()
      take(text, key)
    }
  }
  input.off('keypress', take).on('keypress', collect)
  prompt.once('close', () => {
    piece = ''
    input.off('keypress', collect)
  })
}
