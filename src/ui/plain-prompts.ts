import { CancelledError } from '../errors.ts'
import type { Terminal } from '../system/terminal.ts'
import { renderRows } from '../text/rows.ts'
import type { Arrival } from './arrivals.ts'
import type { Keyboard } from './keyboard.ts'
import { latePastes } from './late-paste.ts'
import type { Prompter } from './questions.ts'
import { characters, edited, mistakeLines, readSecretLine, type SecretDisplay } from './secret-line.ts'

const ERASE_CHARACTER = '\b \b'

/** What software that types for a person may send at once, and nothing like a key. */
const WORDS = /^[a-z., ]{1,40}[\r\n]*$/i

/** Prompts that only ever write on, for a terminal that cannot move its cursor and for one that is read aloud. */
export function plainPrompter(terminal: Terminal, keyboard: Keyboard): Prompter {
  const { say } = terminal
  return {
    secret: async ({ message, read }) => {
      const prompt = `? ${message}: `
      let shownCount = 0
      const display: SecretDisplay = {
        received: (count) => {
          // Not for every letter that a person types.
          if (count > shownCount + 3) say(`(${characters(count)}) `)
          shownCount = count
        },
        refused: (refused) => {
          shownCount = 0
          say(`\n${mistakeLines(refused, Math.min(terminal.width(2), 80) - 1).join('\n')}\n${prompt}`)
        },
        redraw: () => say(prompt),
      }
      say(prompt)
      const taken = await readSecretLine(read, keyboard, display)
      say(taken === undefined ? '\n' : `${taken.shown}\n`)
      if (taken === undefined) throw new CancelledError()
      return taken.value
    },
    tick: async ({ message, choices, ticked }) => {
      const rows = choices.map(({ name, description }) => [name, description] as const)
      say(`${message}:\n${renderRows(rows, { width: terminal.width(2) })}`)
      const names = choices.map(({ name }) => name)
      for (;;) {
        const words = wordsIn(await readLine(`? ${message} [${ticked.join(' ')}]: `, terminal, keyboard))
        if (words.length === 0) return ticked
        if (words.every((word) => names.some((name) => name === word)))
          return names.filter((name) => words.includes(name))
        say(`Choose among these: ${names.join(', ')}.\n`)
      }
    },
    choose: async ({ message, choices }) => {
      const names = choices.map(({ name }) => name)
      say(
        `${message}\n${renderRows(
          choices.map(({ name, description }) => [name, description]),
          { width: terminal.width(2) },
        )}`,
      )
      for (;;) {
        const [word = names[0] ?? ''] = wordsIn(
          await readLine(`? ${message} [${names.join(', ')}]: `, terminal, keyboard),
        )
        const chosen = names.find((name) => name.startsWith(word))
        if (chosen !== undefined) return chosen
        say(`Answer with one of these: ${names.join(', ')}.\n`)
      }
    },
    pick: async ({ message, choices }) => {
      say(`${message}:\n`)
      choices.forEach(({ name, description }, index) => say(`  ${index + 1}  ${name}  ${description}\n`))
      for (;;) {
        const [word = '1'] = wordsIn(await readLine(`? ${message} [1]: `, terminal, keyboard))
        const chosen = /^\d{1,5}$/.test(word) ? choices[Number(word) - 1] : undefined
        if (chosen !== undefined) return chosen.name
        say(`Give a number from 1 to ${choices.length}.\n`)
      }
    },
    confirm: async ({ message, initial }) => {
      const answers = ['yes', 'no', 'y', 'n']
      for (;;) {
        const [word] = wordsIn(await readLine(`? ${message} [${initial ? 'Y/n' : 'y/N'}]: `, terminal, keyboard))
        if (word === undefined) return initial
        if (answers.includes(word)) return word.startsWith('y')
        say('Answer yes or no.\n')
      }
    },
  }
}

function wordsIn(line: string): readonly string[] {
  return line
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '')
}

/**
 * A line of text that is echoed as it is typed. What is pasted is dropped, since it may be a secret, but for a few
 * words.
 */
function readLine(prompt: string, { say }: Terminal, keyboard: Keyboard): Promise<string> {
  return new Promise((resolve, reject) => {
    const isLatePaste = latePastes(WORDS)
    let line = ''
    const finish = (act: () => void): void => {
      keyboard.ignore()
      say('\n')
      act()
    }
    const take = (arrival: Arrival): void => {
      if (arrival.kind === 'cancel') return finish(() => reject(new CancelledError()))
      if (arrival.kind === 'suspend') return keyboard.suspend()
      if (isLatePaste(arrival)) return
      if (arrival.kind === 'key') {
        const rest = edited(line, arrival.sequence)
        say(ERASE_CHARACTER.repeat(line.length - rest.length))
        line = rest
        return
      }
      const [text = '', ...others] = arrival.text.split(/[\r\n]/)
      say(text)
      line += text
      if (others.length > 0) finish(() => resolve(line))
    }
    say(prompt)
    keyboard.listen(take, () => say(`${prompt}${line}`))
  })
}
