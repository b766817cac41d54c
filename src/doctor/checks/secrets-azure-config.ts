import { statSync } from 'node:fs'
import { join } from 'node:path'
import { POSIX, type Check } from '../check.ts'
import { cureOf, warningFinding } from '../finding.ts'
import { findSpilled, soughtSecrets } from '../secret-search.ts'

/** The Azure CLI keeps a connection string where it is configured to; others are not to read it. */
export const secretsAzureConfig: Check = {
  id: 'secrets.azure-config',
  fine: 'Nobody else can read the key in the configuration of the Azure CLI.',
  on: POSIX,
  run: ({ home, system, stored, show }) => {
    const directory = system.env.AZURE_CONFIG_DIR ?? (home === undefined ? undefined : join(home, '.azure'))
    if (directory === undefined) return { skipped: 'there is no home directory' }
    const file = join(directory, 'config')
    const [spilled] = findSpilled([file], soughtSecrets(stored, system.now()))
    if (spilled === undefined) return { skipped: 'the Azure CLI does not have the key' }
    if (((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o044) === 0) return []
    const shown = show(file)
    const [line = 1] = spilled.lines
    return [
      warningFinding(
        `Others may read ${shown}, which has the ${spilled.kind} in line ${line}.`,
        cureOf('Take that right away', `chmod go-rwx ${shown}`),
        { file, line, via: [] },
      ),
    ]
  },
}
