import { existsSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { fromPortable, toPortable } from '../../files/portable-path.ts'
import type { Step } from '../../store/plan.ts'
import { madeDirectoryIn, madeDirectoryLine } from '../drop-in.ts'

/** The directories that have to be made for a file, and what the file says of them. */
export interface MadeDirectories {
  readonly steps: readonly Step[]
  readonly lines: readonly string[]
}

/**
 * What it takes to make the directory of a start-up file. The file itself says which one was made, so that `unset`
 * knows it even where all records are lost.
 *
 * @param path of the file, where it really is
 * @param current the file as it is
 */
export function makeDirectoriesFor(path: string, current: Buffer | undefined, home: string): MadeDirectories {
  const missing: string[] = []
  for (let directory = dirname(path); !existsSync(directory); directory = dirname(directory)) missing.unshift(directory)
  const [topmost] = missing
  const made =
    topmost === undefined ? madeDirectoryIn(current?.toString('utf8') ?? '') : toPortable(topmost, realpathSync(home))
  return {
    steps: missing.map((directory) => ({ kind: 'make-directory', path: directory, shown: { kind: 'housekeeping' } })),
    // It has to be one line.
    lines: made === undefined || /[\r\n]/.test(made) ? [] : [madeDirectoryLine(made)],
  }
}

/** The steps that remove the directories that were made for a file, which is gone by then, if nothing else is in them. */
export function removeDirectoriesOf(path: string, bytes: Buffer, home: string): readonly Step[] {
  const made = madeDirectoryIn(bytes.toString('utf8'))
  const topmost = made === undefined ? undefined : fromPortable(made, realpathSync(home))
  if (topmost === undefined || !path.startsWith(`${topmost}/`)) return []
  const steps: Step[] = []
  for (let directory = dirname(path); directory.startsWith(topmost); directory = dirname(directory)) {
    steps.push({ kind: 'remove-directory', path: directory, shown: { kind: 'housekeeping' } })
  }
  return steps
}
