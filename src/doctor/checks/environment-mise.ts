import { join } from 'node:path'
import { POSIX, type Check } from '../check.ts'
import { cureOf, warningFinding } from '../finding.ts'
import { differingHere } from '../here.ts'
import { filesAbove, firstMentions } from '../mentions.ts'

const FILES = [
  'mise.local.toml',
  '.mise.local.toml',
  'mise.toml',
  '.mise.toml',
  'mise/config.toml',
  '.mise/config.toml',
  '.config/mise.toml',
  '.config/mise/config.toml',
]

/** mise sets variables at the prompt, from the `[env]` of its configuration. */
export const environmentMise: Check = {
  id: 'environment.mise',
  fine: 'mise sets nothing else here.',
  on: POSIX,
  run: ({ home, variables, system, show }) => {
    const { MISE_SHELL, __MISE_DIFF } = system.env
    if ((MISE_SHELL ?? __MISE_DIFF) === undefined) return { skipped: 'mise is not active here' }
    const ofUser = home === undefined ? [] : [join(home, '.config/mise/config.toml')]
    const files = [...new Set([...filesAbove(system.workingDirectory, FILES), ...ofUser])]
    return firstMentions(differingHere(variables, system.env), files).map(({ name, file, line }) =>
      warningFinding(`mise sets ${name} here, by ${show(file)} in line ${line}.`, cureOf('Take that line out'), {
        file,
        line,
        via: [],
      }),
    )
  },
}
