import type { Platform } from '../store/store.ts'
import type { Style } from '../system/terminal.ts'
import { printable } from '../text/printable.ts'

/**
 * How to get the values into the shell at hand and into new ones.
 *
 * @param them what they are called: "it", "them"
 */
export function renderActivation(
  { activation: { text, isCommand, here, profile } }: Platform,
  program: string,
  them: string,
  style: (style: Style, text: string) => string,
): string {
  const command = (line: string): string =>
    `\n  ${style('bold', printable(line.replaceAll('acs-env env', `${program} env`)))}\n`
  const who = profile === undefined ? 'New terminals' : `Shells that read ${printable(profile)}`
  if (isCommand) return `${who} have ${them}. For this one, run:\n${command(text)}`
  const inHere = here === undefined ? '' : `For this console, run:\n${command(here)}`
  return `To use ${them}, ${printable(text)}; other editors and IDEs have to be restarted.\n${inHere}`
}
