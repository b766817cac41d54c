import { dirname } from 'node:path'
import { isOpen } from '../../platforms/posix/guard.ts'
import { POSIX, type Check } from '../check.ts'
import { cureOf, warningFinding } from '../finding.ts'

/** Who may write to a directory can put other files in the place of the ones in it. */
export const secretsPermissions: Check = {
  id: 'secrets.permissions',
  fine: 'Nobody else can change what your shells load.',
  on: POSIX,
  run: ({ directory, description, show }) => {
    const files = [...description.loadedFrom, directory]
    const paths = new Set(files.flatMap((file) => [file, ...directoriesAbove(file)]))
    return [...paths].filter(isOpen).map((path) => {
      const shown = show(path)
      return warningFinding(
        `Others can write to ${shown}, and so decide what your shells run.`,
        cureOf('Take that right away', `chmod go-w ${shown}`),
      )
    })
  },
}

function directoriesAbove(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === path ? [] : [parent, ...directoriesAbove(parent)]
}
