import { shellPath } from '../../shells/posix-words.ts'
import type { Activation } from '../../store/store.ts'

/**
 * How the shell at hand gets the values of a `.env` file.
 *
 * @param usual for Windows, where no shell reads one
 * @param home undefined on Windows
 */
export function fileActivation(file: string, usual: Activation, home: string | undefined): Activation {
  return home === undefined ? usual : { kind: 'command', text: `set -a; . ${shellPath(file, home)}; set +a` }
}
