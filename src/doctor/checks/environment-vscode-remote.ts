import type { Environment } from '../../system/system.ts'
import type { Check } from '../check.ts'
import { cureOf, listOf, warningFinding, type Cure } from '../finding.ts'
import { namesOf, staleIn } from '../here.ts'

const SERVER = /\.(?:vscode|vscodium|cursor|windsurf)-(?:server|remote)|\/vscode-server\//

/**
 * The server of VS Code over SSH, in WSL and in containers: it lives on when the window is closed
 * (microsoft/vscode-remote-release#1437), with the environment that it began with.
 */
export const environmentVscodeRemote: Check = {
  id: 'environment.vscode-remote',
  fine: 'The server of the remote editor began after the values were stored.',
  on: 'every system',
  run: async (facts) => {
    const stale = await staleIn(
      {
        isIt: (path) => SERVER.test(path),
        isTold: ({ VSCODE_IPC_HOOK_CLI }) => VSCODE_IPC_HOOK_CLI !== undefined,
      },
      facts,
    )
    if (stale === undefined) return { skipped: 'this shell is in no remote editor' }
    if (stale.length === 0) return []
    return [
      warningFinding(
        `The server of the remote editor began before ${listOf(namesOf(stale))} changed, and outlives its windows.`,
        cureFor(facts.system.env),
      ),
    ]
  },
}

function cureFor({ CODESPACES, REMOTE_CONTAINERS, WSL_DISTRO_NAME }: Environment): Cure {
  if (CODESPACES !== undefined) return cureOf('Stop the codespace and start it again')
  if (REMOTE_CONTAINERS !== undefined)
    return cureOf('Choose "Dev Containers: Rebuild Container" in the command palette')
  // There is no command that ends it: microsoft/vscode-remote-release#5568.
  if (WSL_DISTRO_NAME !== undefined)
    return cureOf('End WSL from a Windows console, then open the editor again', 'wsl --shutdown')
  return cureOf('Choose "Remote-SSH: Kill VS Code Server on Host…" in the command palette, and connect again')
}
