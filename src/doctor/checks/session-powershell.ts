import { join } from 'node:path'
import type { Check } from '../check.ts'
import { cureOf, warningFinding } from '../finding.ts'
import { firstMentions } from '../mentions.ts'

const PROFILES = ['PowerShell', 'WindowsPowerShell'].flatMap((directory) =>
  ['profile.ps1', 'Microsoft.PowerShell_profile.ps1', 'Microsoft.VSCode_profile.ps1'].map((name) =>
    join('Documents', directory, name),
  ),
)

/** The profiles of PowerShell, whose lines win over what Windows hands on. */
export const sessionPowershell: Check = {
  id: 'session.powershell',
  fine: 'No profile of PowerShell sets the variables.',
  on: ['win32'],
  run: ({ home, variables, system, show }) => {
    const homes = [home, system.env.OneDrive].filter((directory) => directory !== undefined)
    const files = homes.flatMap((directory) => PROFILES.map((profile) => join(directory, profile)))
    return firstMentions(variables, files).map(({ name, file, line }) =>
      warningFinding(
        `${show(file)} speaks of ${name} in line ${line}, and wins over what is stored.`,
        cureOf('Take that line out'),
        { file, line, via: [] },
      ),
    )
  },
}
