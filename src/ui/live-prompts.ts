import { CancelledError } from '../errors.ts'
import type { Terminal } from '../system/terminal.ts'
import { wrap } from '../text/wrap.ts'
import type { Arrival } from './arrivals.ts'
import { startPrompt, type LivePrompt } from './enquirer.ts'
import type { Keyboard } from './keyboard.ts'
import { latePastes } from './late-paste.ts'
import type { Choice, Prompter } from './questions.ts'
import { characters, mistakeLines, readSecretLine, type SecretDisplay } from './secret-line.ts'

/** Prompts that are drawn anew with each key, by enquirer. */
export function livePrompter(terminal: Terminal, keyboard: Keyboard): Prompter {
  return {
    secret: async ({ message, read }) => {
      let mistake = ''
      let state = ''
      const { live, answer } = await startPrompt(
        { type: 'invisible', message, format: () => state, validate: () => mistake === '' || mistake },
        terminal,
        keyboard,
      )
      const show = (text: string): void => {
        state = text
        live.cursor = text.length
      }
      const display: SecretDisplay = {
        received: (count) => {
          show(count === 0 ? '' : characters(count))
          void live.render()
        },
        refused: (refused) => {
          show('')
          mistake = mistakeLines(refused, widthOf(terminal)).join('\n')
          void live.submit()
        },
        redraw: () => void live.render(),
      }
      const taken = await readSecretLine(read, keyboard, display)
      if (taken === undefined) void live.cancel()
      else {
        mistake = ''
        show(taken.shown)
        void live.submit()
      }
      await answer
      if (taken === undefined) throw new CancelledError()
      return taken.value
    },
    tick: async ({ message, choices, ticked }) => {
      const { live, answer } = await startPrompt(
        {
          type: 'multiselect',
          message,
          initial: ticked,
          hint: 'space ticks, Enter accepts',
          choices: choices.map((choice) => ({ name: choice.name, message: describe(choice, choices, terminal) })),
          pointer: { on: '> ', off: '  ' },
          // Its own are alike but for the colour.
          indicator: { on: '[x]', off: '[ ]' },
          validate: (names) => (Array.isArray(names) && names.length > 0) || 'Tick at least one.',
          // After Ctrl+C it would say that nothing was selected, in red; an empty text would not keep it from that.
          emptyError: ' ',
          // It would count from 0.
          number: () => undefined,
        },
        terminal,
        keyboard,
      )
      listenForKeys(keyboard, live)
      const names = await answer
      return choices.map(({ name }) => name).filter((name) => Array.isArray(names) && names.includes(name))
    },
    choose: async ({ message, choices }) => {
      const { live, answer } = await startPrompt(
        {
          type: 'select',
          message,
          choices: choices.map(({ name, description }) => ({ name, message: description })),
          pointer: { on: '> ', off: '  ' },
          number: () => undefined,
        },
        terminal,
        keyboard,
      )
      listenForKeys(keyboard, live, (letter) => {
        const index = choices.findIndex(({ name }) => name.startsWith(letter))
        if (index === -1) return false
        live.index = index
        void live.submit()
        return true
      })
      return chosenFrom(choices, await answer)
    },
    pick: async ({ message, choices }) => {
      const { live, answer } = await startPrompt(
        {
          type: 'select',
          message,
          hint: 'arrows move, Enter accepts',
          choices: choices.map((choice) => ({ name: choice.name, message: inOneLine(choice, choices, terminal) })),
          pointer: { on: '> ', off: '  ' },
          // It would count from 0.
          number: () => undefined,
        },
        terminal,
        keyboard,
      )
      listenForKeys(keyboard, live)
      return chosenFrom(choices, await answer)
    },
    confirm: async ({ message, initial }) => {
      const { live, answer } = await startPrompt(
        // By itself it would show the answer as "true" or "false".
        { type: 'confirm', message, initial, format: (yes) => (yes === true ? 'yes' : 'no') },
        terminal,
        keyboard,
      )
      listenForKeys(keyboard, live)
      return (await answer) === true
    },
  }
}

/**
 * Lets keys through to the prompt, and nothing that was pasted.
 *
 * @param answerWith takes a letter where that alone is an answer
 */
function listenForKeys(
  keyboard: Keyboard,
  live: LivePrompt,
  answerWith: (letter: string) => boolean = () => false,
): void {
  const isLatePaste = latePastes(undefined)
  const take = (arrival: Arrival): void => {
    if (arrival.kind === 'cancel') return void live.cancel()
    if (arrival.kind === 'suspend') return keyboard.suspend()
    if (isLatePaste(arrival)) return
    if (arrival.kind === 'typed' && /^[a-z]$/i.test(arrival.text) && answerWith(arrival.text.toLowerCase())) return
    keyboard.press(arrival.kind === 'key' ? arrival.sequence : arrival.text)
  }
  keyboard.listen(take, () => void live.render())
}

/** The name and, beside it or below it, what it means. */
function describe(choice: Choice<string>, choices: readonly Choice<string>[], terminal: Terminal): string {
  // The pointer and the box stand before it.
  const width = widthOf(terminal) - 7
  const column = Math.max(...choices.map(({ name }) => name.length)) + 2
  const isWide = choices.every(({ description }) => column + description.length <= width)
  if (isWide) return choice.name.padEnd(column) + choice.description
  const lines = wrap(choice.description, width - 2)
  return [choice.name, ...lines.map((line) => `         ${line}`)].join('\n')
}

/** The same in a single line, of which the end may be missing: a list that is longer than the screen is moved by lines. */
function inOneLine(
  { name, description }: Choice<string>,
  choices: readonly Choice<string>[],
  terminal: Terminal,
): string {
  const column = Math.max(...choices.map((choice) => choice.name.length)) + 2
  const line = name.padEnd(column) + description
  // The pointer stands before it.
  const width = widthOf(terminal) - 3
  return line.length > width ? `${line.slice(0, width - 1)}…` : line.trimEnd()
}

function chosenFrom<Name extends string>(choices: readonly { readonly name: Name }[], answer: unknown): Name {
  const chosen = choices.find(({ name }) => name === answer)
  if (chosen === undefined) throw new Error('What was chosen is not among the choices.')
  return chosen.name
}

/** Enquirer counts the lines that it writes, not those that a narrow terminal makes of them. */
function widthOf({ output }: Terminal): number {
  return Math.min(output.columns ?? 80, 100) - 1
}
