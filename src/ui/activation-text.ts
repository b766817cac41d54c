import { programName } from '../shell-names.ts'
import type { Seen } from '../store/seen.ts'
import type { Activation, Description } from '../store/store.ts'
import type { Environment } from '../system/system.ts'
import type { Style } from '../system/terminal.ts'
import { printable } from '../text/printable.ts'

/** What is known of the shells that do not have the values yet. */
export interface Readiness {
  readonly description: Description
  readonly activation: Activation
  readonly seen: Seen | undefined
  /** Start-up files that have changed since new shells were looked at. */
  readonly changedSince: readonly string[]
  /** Later steps of the job need the values; nobody opens a terminal. */
  readonly inGithubJob: boolean
}

/** Whether this is a step of a GitHub Actions job: the shells of the others read no start-up file. */
export function isGithubJob({ GITHUB_ACTIONS }: Environment): boolean {
  return GITHUB_ACTIONS === 'true'
}

/**
 * How to get the values into the shell at hand, and what is known of new ones.
 *
 * @param them what the values are called: "it", "them"
 */
export function renderActivation(
  readiness: Readiness,
  program: string,
  them: string,
  style: (style: Style, text: string) => string,
): string {
  const { activation, inGithubJob } = readiness
  const command = (line: string): string => `\n  ${style('bold', printable(line))}\n`
  if (inGithubJob) {
    return `For later steps of this job to have ${them}, run:\n${command(`${program} env --format github`)}`
  }
  if (activation.kind === 'instruction') {
    const { text, here } = activation
    const { newTerminals } = readiness.description
    if (newTerminals.kind === 'programs') {
      const run = command(here.replaceAll('acs-env env', `${program} env`))
      return `${newTerminalsText(readiness, them)} For this console, run:\n${run}`
    }
    return (
      `To use ${them}, ${printable(text)}; other editors and IDEs have to be restarted.\n` +
      // No name of a file is in it.
      `For this console, run:\n${command(here.replaceAll('acs-env env', `${program} env`))}`
    )
  }
  if (activation.kind === 'new-terminal') {
    return `${newTerminalsText(readiness, them)} This one cannot load ${them}: ${activation.text}.\n`
  }
  const { newTerminals } = readiness.description
  const here = newTerminals.kind === 'programs' ? 'For this shell' : 'For this one'
  return `${newTerminalsText(readiness, them)} ${here}, run:\n${command(activation.text)}`
}

/** Whether new terminals were seen to have the values, and nothing has changed since; or the system hands them over. */
export function isKnown({ description: { newTerminals }, seen, changedSince }: Readiness): boolean {
  return (
    newTerminals.kind === 'system' ||
    newTerminals.kind === 'programs' ||
    (seen?.outcome === 'seen' && changedSince.length === 0)
  )
}

/** What is known of new terminals, in a sentence or two. */
export function newTerminalsText({ description, seen, changedSince }: Readiness, them: string): string {
  const { newTerminals: terminals, show } = description
  if (terminals.kind === 'system') return ''
  if (terminals.kind === 'unknown-shell') {
    return `New terminals do not have ${them}: acs-env does not know how ${printable(programName(terminals.program))} starts.`
  }
  if (terminals.kind === 'programs') {
    const files = terminals.files.map((path) => printable(show(path))).join(' or ')
    return `Programs that load ${files} have ${them} from their next start on.`
  }
  const isOnlyLogin = terminals.starts.length === 1 && terminals.starts.includes('login')
  const who = isOnlyLogin ? 'New login shells' : 'New terminals'
  if (changedSince.length > 0) {
    const files = changedSince.map((path) => printable(show(path))).join(', ')
    return `${files} changed since new terminals were looked at, so whether they have ${them} is not known.`
  }
  switch (seen?.outcome) {
    case 'seen':
      return isOnlyLogin
        ? `${who} have ${them}; one that is not a login shell reads no start-up file of yours.`
        : `${who} have ${them}.`
    case 'not-seen':
      return `${who} do not have ${them} yet.`
    default:
      return `${who} were not looked at; they should have ${them}.`
  }
}
