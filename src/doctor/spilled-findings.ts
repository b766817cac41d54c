import type { Facts } from './facts.ts'
import { cureOf, listOf, warningFinding, type Cure, type Finding } from './finding.ts'
import { findSpilled, soughtSecrets, type Sought } from './secret-search.ts'

const MOST_LINES = 3

/** A warning for each of these files that has a secret in it, with the lines. */
export function spilledFindings(files: readonly string[], { stored, system, show }: Facts): readonly Finding[] {
  return findSpilled(files, soughtSecrets(stored, system.now())).map(({ file, kind, lines }) => {
    const [first = 1] = lines
    const shown = lines.slice(0, MOST_LINES).map(String)
    const more = lines.length - shown.length
    const where = `${lines.length === 1 ? 'line' : 'lines'} ${listOf(more > 0 ? [...shown, `${more} more`] : shown)}`
    return warningFinding(`${show(file)} has the ${kind} in ${where}.`, CURES[kind], {
      file,
      line: first,
      via: [],
    })
  })
}

/** Deleting the line is not enough: it may be in a backup, or have been read already. */
const CURES: Readonly<Record<Sought['kind'], Cure>> = {
  'access key': cureOf(
    'Delete the line, regenerate the key in the Azure portal, and store the new one',
    'acs-env setup',
  ),
  'access token': cureOf('Delete the line, end the token, and get a new one', 'acs-env revoke', 'acs-env refresh'),
}
