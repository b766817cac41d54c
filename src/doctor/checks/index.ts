import type { Check } from '../check.ts'
import { environmentContainer } from './environment-container.ts'
import { environmentDirenv } from './environment-direnv.ts'
import { environmentDotenv } from './environment-dotenv.ts'
import { environmentJetbrains } from './environment-jetbrains.ts'
import { environmentMise } from './environment-mise.ts'
import { environmentPrograms } from './environment-programs.ts'
import { environmentScreen } from './environment-screen.ts'
import { environmentShell } from './environment-shell.ts'
import { environmentSudo } from './environment-sudo.ts'
import { environmentTmux } from './environment-tmux.ts'
import { environmentVscodeRemote } from './environment-vscode-remote.ts'
import { environmentVscode } from './environment-vscode.ts'
import { environmentWsl } from './environment-wsl.ts'
import { networkCaFile } from './network-ca-file.ts'
import { networkClock } from './network-clock.ts'
import { networkConnection } from './network-connection.ts'
import { networkName } from './network-name.ts'
import { networkProxy } from './network-proxy.ts'
import { networkTls } from './network-tls.ts'
import { secretsAzureConfig } from './secrets-azure-config.ts'
import { secretsGit } from './secrets-git.ts'
import { secretsHistory } from './secrets-history.ts'
import { secretsNpmLogs } from './secrets-npm-logs.ts'
import { secretsPermissions } from './secrets-permissions.ts'
import { sessionFiles } from './session-files.ts'
import { sessionLaunchd } from './session-launchd.ts'
import { sessionMachine } from './session-machine.ts'
import { sessionPowershell } from './session-powershell.ts'
import { sessionSystemd } from './session-systemd.ts'
import { shellLogin } from './shell-login.ts'
import { shellTab } from './shell-tab.ts'
import { storeDamage } from './store-damage.ts'
import { storeExpiry } from './store-expiry.ts'
import { storeLoading } from './store-loading.ts'
import { storePair } from './store-pair.ts'
import { storeValues } from './store-values.ts'
import { versionCopies } from './version-copies.ts'
import { versionState } from './version-state.ts'

/**
 * Every check, in the order of the report: what is stored, who gets it, the service, and who else could.
 * A further one is a file and a line here.
 */
const checks: readonly Check[] = [
  storeValues,
  storeDamage,
  storePair,
  storeLoading,
  storeExpiry,
  shellLogin,
  shellTab,
  environmentShell,
  environmentPrograms,
  environmentTmux,
  environmentScreen,
  environmentVscode,
  environmentVscodeRemote,
  environmentJetbrains,
  environmentDirenv,
  environmentMise,
  environmentDotenv,
  environmentContainer,
  environmentWsl,
  environmentSudo,
  sessionSystemd,
  sessionFiles,
  sessionLaunchd,
  sessionMachine,
  sessionPowershell,
  networkProxy,
  networkName,
  networkConnection,
  networkTls,
  networkCaFile,
  networkClock,
  secretsPermissions,
  secretsGit,
  secretsHistory,
  secretsNpmLogs,
  secretsAzureConfig,
  versionCopies,
  versionState,
]

/** The checks that there are on a system. */
export function checksOn(platform: NodeJS.Platform): readonly Check[] {
  return checks.filter(({ on }) => on === 'every system' || on.includes(platform))
}
