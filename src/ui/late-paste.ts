import { isFromClipboard, type Arrival } from './arrivals.ts'

/**
 * How long nothing may come before a paste counts as whole. Terminals send one in pieces, VS Code for example 50
 * characters every few milliseconds.
 */
export const QUIET_MS = 100

/**
 * Recognises what was pasted for an earlier question and comes late, all its pieces included. It may be a secret, and is
 * no answer.
 *
 * @param mayBeAnswer what is an answer all the same, though it came at once
 */
export function latePastes(mayBeAnswer: RegExp | undefined): (arrival: Arrival) => boolean {
  let goesOn: NodeJS.Timeout | undefined
  return (arrival) => {
    const isPasted = isFromClipboard(arrival) && mayBeAnswer?.test(arrival.text) !== true
    if (!isPasted && goesOn === undefined) return false
    clearTimeout(goesOn)
    goesOn = setTimeout(() => (goesOn = undefined), QUIET_MS).unref()
    return true
  }
}
