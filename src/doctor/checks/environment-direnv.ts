import { POSIX, type Check } from '../check.ts'
import { cureOf, warningFinding } from '../finding.ts'
import { differingHere } from '../here.ts'
import { filesAbove, firstMentions } from '../mentions.ts'

/** direnv sets variables at the prompt, from the `.envrc` of the directory, and puts them back outside of it. */
export const environmentDirenv: Check = {
  id: 'environment.direnv',
  fine: 'direnv sets nothing else here.',
  on: POSIX,
  run: ({ variables, system, show }) => {
    const { DIRENV_DIR, DIRENV_FILE } = system.env
    if ((DIRENV_DIR ?? DIRENV_FILE) === undefined) return { skipped: 'direnv has loaded nothing here' }
    const [file] = filesAbove(system.workingDirectory, ['.envrc'])
    const differing = differingHere(variables, system.env)
    return firstMentions(differing, file === undefined ? [] : [file]).map(({ name, file, line }) =>
      warningFinding(
        `direnv sets ${name} in this directory, by ${show(file)} in line ${line}.`,
        cureOf('Take that line out, then', 'direnv allow'),
        { file, line, via: [] },
      ),
    )
  },
}
