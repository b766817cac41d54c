import type { Terminal } from '../system/terminal.ts'
import { openKeyboard, type Keyboard } from './keyboard.ts'
import { livePrompter } from './live-prompts.ts'
import { plainPrompter } from './plain-prompts.ts'
import type {
  ChooseQuestion,
  ConfirmQuestion,
  PickQuestion,
  Prompter,
  SecretQuestion,
  TickQuestion,
} from './questions.ts'

/** What the program does after the answer: ask the next question, with nothing but a look at files between, or not. */
export type Next = 'asks' | 'works'

type Question =
  | ChooseQuestion<string>
  | ConfirmQuestion
  | PickQuestion<string>
  | SecretQuestion<unknown>
  | TickQuestion<string>

/** Kept from one question to the next: given back in between, it would echo what is pasted meanwhile. */
let held: Keyboard | undefined

/**
 * Asks one question on standard error and waits for the answer. Ctrl+C, Ctrl+D and Esc throw a `CancelledError`. On a
 * terminal that cannot move its cursor (TERM=dumb) the questions are plain lines.
 */
export async function ask(question: ConfirmQuestion, terminal: Terminal, next?: Next): Promise<boolean>
export async function ask<Value>(question: SecretQuestion<Value>, terminal: Terminal, next?: Next): Promise<Value>
export async function ask<Name extends string>(
  question: TickQuestion<Name>,
  terminal: Terminal,
  next?: Next,
): Promise<readonly Name[]>
export async function ask<Name extends string>(
  question: ChooseQuestion<Name> | PickQuestion<Name>,
  terminal: Terminal,
  next?: Next,
): Promise<Name>
export async function ask(question: Question, terminal: Terminal, next: Next = 'works'): Promise<unknown> {
  const keyboard = held ?? (await takeKeyboard(terminal))
  held = undefined
  try {
    const answer = await put(question, (terminal.isLive ? livePrompter : plainPrompter)(terminal, keyboard))
    if (next === 'asks') {
      keyboard.hold()
      held = keyboard
    }
    return answer
  } finally {
    if (held === undefined) keyboard.close()
  }
}

async function takeKeyboard(terminal: Terminal): Promise<Keyboard> {
  const keyboard = await openKeyboard(terminal)
  if (keyboard.hasShownPaste) hidePaste(terminal)
  return keyboard
}

function put(question: Question, prompter: Prompter): Promise<unknown> {
  switch (question.kind) {
    case 'secret':
      return prompter.secret(question)
    case 'tick':
      return prompter.tick(question)
    case 'choose':
      return prompter.choose(question)
    case 'pick':
      return prompter.pick(question)
    case 'confirm':
      return prompter.confirm(question)
  }
}

/** Until a question is asked the terminal echoes what is typed, and only clearing the screen takes that back. */
function hidePaste({ output, isLive, say }: Terminal): void {
  if (!isLive) return say('What was pasted before the question has been shown on the screen; clear it.\n')
  const toTop = `\u001B[${output.rows ?? 24}F`
  // A long paste has left the screen at the top, and is in what can be scrolled back to.
  const clear = '\u001B[J\u001B[3J'
  say(`${toTop}${clear}The screen was cleared, since what was pasted before the question had been shown on it.\n`)
}
