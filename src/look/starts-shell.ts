import { LOGIN_SHELL_PROGRAMS } from '../shell-names.ts'
import { linesOf } from './lines-of.ts'

const PROGRAMS = Object.values(LOGIN_SHELL_PROGRAMS).flat().join('|')

/** Where a command begins, with variables of its own: at the beginning of a line, or behind what ends another one. */
const BEGINNING = String.raw`(?:^|[;&|(){]|\b(?:then|do|else|and|or|command|env)\s)\s*(?:\w+=\S*\s+)*`
/** Nothing but options: one with a script or a command is over when that is. */
const END = String.raw`(?=\s*(?:$|[;&|)}#]|[<>]|\s-))`
const STARTS_SHELL = new RegExp(String.raw`${BEGINNING}"?(?:\\?(?:[^\s"]*/)?(?:${PROGRAMS})|\$\{?SHELL\}?)"?${END}`)

/**
 * Whether a line of these files may start another shell within the one that reads them. It may also be in a text, or in
 * a branch that is not taken: it is a reason to look once more, and says nothing of what the look will see.
 */
export function mayStartShell(files: readonly string[]): boolean {
  return files.some((file) => linesOf(file).some((line) => STARTS_SHELL.test(line)))
}
