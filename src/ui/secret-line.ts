import { wrap } from '../text/wrap.ts'
import type { Arrival } from './arrivals.ts'
import type { Keyboard } from './keyboard.ts'
import { QUIET_MS } from './late-paste.ts'
import type { Reading, Refused, Taken } from './questions.ts'

/** A paste that stops in the middle of a line is given longer to go on. */
const UNFINISHED_MS = 500

/** More than anybody pastes on purpose. */
const MAX_LENGTH = 256 * 1024

const BACKSPACE = /^[\b\u007F]$/
const CTRL_U_OR_W = /^[\u0015\u0017]$/

/** What shows that a secret came, without showing it. */
export interface SecretDisplay {
  /** So many characters have come, and no more since a moment. */
  received(characters: number): void
  refused(reading: Refused): void
  redraw(): void
}

/**
 * Collects what is typed and pasted, line breaks and all, and reads it when nothing has come for a moment after Enter,
 * so that nothing of a long paste is left over for the next question. What was refused is forgotten, unless it turns out
 * to be the first half of what comes next.
 *
 * @param read what is made of the text
 * @returns the value and how it may be shown; undefined after Ctrl+C, Ctrl+D and Esc
 */
export function readSecretLine<Value>(
  read: (text: string) => Reading<Value>,
  keyboard: Keyboard,
  display: SecretDisplay,
): Promise<Taken<Value> | undefined> {
  return new Promise((resolve) => {
    let text = ''
    let refused = ''
    let isEntered = false
    let wasJustRefused = false
    let isContinued = false
    let timer: NodeJS.Timeout | undefined
    let afterTimer: NodeJS.Immediate | undefined
    const stopWaiting = (): void => {
      clearTimeout(timer)
      clearImmediate(afterTimer)
    }
    const settle = (taken: Taken<Value> | undefined): void => {
      stopWaiting()
      keyboard.ignore()
      resolve(taken)
    }
    const readAnswer = (): void => {
      isEntered = false
      const alone = read(text)
      const joined = refused === '' ? alone : read(refused + text)
      const inOrder = isContinued ? [joined, alone] : [alone, joined]
      const taken = inOrder.find((reading) => reading.kind === 'taken')
      if (taken !== undefined) return settle(taken)
      refused = isContinued ? refused + text : text
      text = ''
      isContinued = false
      wasJustRefused = true
      setTimeout(() => (wasJustRefused = false), UNFINISHED_MS).unref()
      if (alone.kind === 'refused') display.refused(alone)
    }
    const onQuiet = (): void => {
      if (isEntered) readAnswer()
      else display.received(text.trim().length)
    }
    const take = (arrival: Arrival): void => {
      switch (arrival.kind) {
        case 'cancel':
          return settle(undefined)
        case 'suspend':
          return keyboard.suspend()
        case 'key':
          text = edited(text, arrival.sequence)
          break
        default:
          text = (text + arrival.text).slice(0, MAX_LENGTH)
          // Between the markers of a paste a line break is no Enter.
          isEntered ||= arrival.kind !== 'paste' && /[\r\n]/.test(arrival.text)
      }
      isContinued ||= wasJustRefused
      stopWaiting()
      const isUnfinished = isEntered && !/[\r\n]$/.test(text)
      timer = setTimeout(
        () => {
          // A program that was held up is behind with reading: what is waiting comes in before this.
          afterTimer = setImmediate(onQuiet)
        },
        isUnfinished ? UNFINISHED_MS : QUIET_MS,
      )
    }
    keyboard.listen(take, () => display.redraw())
  })
}

/** The line after a key: backspace takes the last character away, Ctrl+U and Ctrl+W all of it. */
export function edited(text: string, sequence: string): string {
  if (BACKSPACE.test(sequence)) return text.replace(/.$/su, '')
  return CTRL_U_OR_W.test(sequence) ? '' : text
}

/** "173 characters" */
export function characters(count: number): string {
  return count === 1 ? '1 character' : `${count} characters`
}

/** What is wrong with an answer, in lines of at most `width` characters. */
export function mistakeLines({ message, hint }: Refused, width: number): readonly string[] {
  const hintLines = hint === undefined ? [] : wrap(`hint: ${hint}`, width - 2)
  const messageLines = message.split('\n').flatMap((line) => wrap(line, width - 2))
  return [...messageLines, ...hintLines].map((line, index) => (index === 0 ? line : `  ${line}`))
}
