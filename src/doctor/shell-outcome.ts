import type { ShellStart } from '../shells/shell.ts'
import type { Outcome } from './check.ts'
import { cureOf, type Cure, type Finding, upperFirst, warningFinding } from './finding.ts'
import { lacksValues, type NewShells } from './new-shells.ts'

/** What is wrong with the shells that are started in one way. A fault in both ways is found by both checks. */
export function shellOutcome(start: ShellStart, newShells: NewShells): Outcome {
  switch (newShells.kind) {
    case 'left-out':
      return { skipped: newShells.reason }
    case 'failed': {
      const { message, hint } = newShells
      return [
        warningFinding(
          `New shells could not be opened: ${message}`,
          hint === undefined ? undefined : cureOf(upperFirst(hint)),
        ),
      ]
    }
    case 'unknown-shell': {
      const { message, where, cure } = newShells.finding
      return [{ level: 'error', message, where, cure: readCure(cure) }]
    }
    case 'looked': {
      const { shells, findings } = newShells
      if (shells.every((shell) => shell.start !== start)) {
        return { skipped: 'a shell that is started in this way reads no start-up file of yours, or only at a terminal' }
      }
      // What could not be looked at may be in order.
      const level = lacksValues(shells, start) ? 'error' : 'warning'
      return findings
        .filter(({ starts }) => starts.includes(start))
        .map(({ message, where, cure }): Finding => ({ level, message, where, cure: readCure(cure) }))
    }
    default:
      return newShells satisfies never
  }
}

/** `Set up ksh too: acs-env setup --shell ksh`, a sentence that may end with a command. */
function readCure(sentence: string | undefined): Cure | undefined {
  if (sentence === undefined) return undefined
  const [, text, command] = /^(.*): ((?:acs-env|zcompile) .*)$/.exec(sentence) ?? []
  if (text !== undefined && command !== undefined) return cureOf(text, command)
  return cureOf(sentence.replace(/\.$/, ''))
}
