import type { Check } from '../check.ts'
import { cureOf, listOf, warningFinding } from '../finding.ts'
import { namesOf, staleIn } from '../here.ts'

const PROGRAM =
  /(?:^|\/)(?:code(?:-insiders|-oss)?|codium|vscodium|cursor|windsurf)$|\/(?:Visual Studio Code[^/]*|VSCodium|Cursor|Windsurf)\.app\//i
const SERVER = /\.(?:vscode|vscodium|cursor|windsurf)-(?:server|remote)/

/**
 * VS Code, Cursor and their like on this machine: they ask the user's shell for its environment once, when the first
 * window opens. "Reload Window" keeps it (microsoft/vscode#226510).
 */
export const environmentVscode: Check = {
  id: 'environment.vscode',
  fine: 'The editor around this shell began after the values were stored.',
  on: 'every system',
  run: async (facts) => {
    const stale = await staleIn(
      {
        isIt: (path) => PROGRAM.test(path) && !SERVER.test(path),
        isTold: ({ TERM_PROGRAM, VSCODE_IPC_HOOK_CLI }) =>
          TERM_PROGRAM === 'vscode' && VSCODE_IPC_HOOK_CLI === undefined,
      },
      facts,
    )
    if (stale === undefined) return { skipped: 'this shell is in no such editor' }
    if (stale.length === 0) return []
    return [
      warningFinding(
        `The editor around this shell began before ${listOf(namesOf(stale))} changed, and hands the old environment to debuggers, tasks and extensions.`,
        cureOf('Quit all of its windows and start it again; "Reload Window" is not enough'),
      ),
    ]
  },
}
