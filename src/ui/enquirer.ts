import Enquirer from 'enquirer'
import { CancelledError } from '../errors.ts'
import type { Terminal } from '../system/terminal.ts'
import type { Keyboard } from './keyboard.ts'

/** What keys do. Of enquirer's own, some add choices, move or hide them, and Ctrl+D is left to a bug (enquirer#480). */
const ACTIONS = {
  ctrl: { n: 'down', p: 'up', j: 'submit' },
  shift: { tab: 'up' },
  keys: { up: 'up', down: 'down', tab: 'down', space: 'space', return: 'submit', enter: 'submit' },
} as const

/** The marks of this program, not those of enquirer. */
const PREFIXES = { pending: '?', submitted: '✓', cancelled: '✗' } as const

/** The options of enquirer's that are in use, as it documents them. */
export interface PromptOptions {
  readonly type: 'confirm' | 'invisible' | 'multiselect' | 'select'
  readonly message: string
  readonly initial?: boolean | readonly string[]
  readonly hint?: string
  readonly choices?: readonly { readonly name: string; readonly message: string }[]
  readonly pointer?: { readonly on: string; readonly off: string }
  readonly indicator?: { readonly on: string; readonly off: string }
  readonly format?: (answer: unknown) => string
  readonly validate?: (answer: unknown) => string | boolean
  readonly number?: () => void
  readonly emptyError?: string
}

/** The parts of a prompt of enquirer's that its types leave out. */
export interface LivePrompt {
  render(): Promise<void>
  submit(): Promise<void>
  cancel(): Promise<void>
  cursorShow(): void
  cursor: number
  /** Of the choice that the pointer is at. */
  index: number
  once(event: 'run', listener: () => void): void
  readonly styles: { readonly primary: object }
}

/** A prompt that is on the screen, and the answer that it will have; cancelled, it throws a `CancelledError`. */
export interface RunningPrompt {
  readonly live: LivePrompt
  readonly answer: Promise<unknown>
}

/** Shows a prompt of enquirer's on standard error. It has the keys that `keyboard` is made to press. */
export async function startPrompt(
  options: PromptOptions,
  terminal: Terminal,
  keyboard: Keyboard,
): Promise<RunningPrompt> {
  const enquirer = new Enquirer<{ answer: unknown }>()
  const started = new Promise<LivePrompt>((resolve) => {
    enquirer.on('prompt', (prompt: LivePrompt) => {
      setColors(prompt, terminal.style('bold', 'x', 2) !== 'x')
      prompt.once('run', () => resolve(prompt))
    })
  })
  const question = {
    ...options,
    name: 'answer',
    stdin: keyboard.keys,
    stdout: terminal.output,
    actions: ACTIONS,
    symbols: { prefix: PREFIXES },
  }
  const answer = answerTo(enquirer.prompt(question))
  // A prompt that fails to start has an answer only, and that is the failure.
  const live = await Promise.race([started, answer])
  return { live: live as LivePrompt, answer }
}

async function answerTo(prompt: Promise<{ answer: unknown }>): Promise<unknown> {
  try {
    return (await prompt).answer
  } catch (error) {
    // A cancelled prompt rejects with an empty text (enquirer#225).
    if (error === '' || error === undefined) throw new CancelledError()
    throw error
  }
}

/** Enquirer knows no NO_COLOR, and its own cursor is nothing but a colour. */
function setColors(prompt: LivePrompt, enabled: boolean): void {
  // What all its styles inherit from.
  Object.assign(Object.getPrototypeOf(prompt.styles.primary) as object, { enabled })
  if (enabled) return
  Object.assign(prompt, { cursorHide: () => undefined })
  prompt.cursorShow()
}
