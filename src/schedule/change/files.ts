import { lstatSync, readlinkSync } from 'node:fs'
import { readFileState, type FileState } from '../../files/read.ts'
import { goesAway } from '../../store/own-files.ts'
import type { FileStep } from './scheduler.ts'

/** The step that removes what is at a path, a link itself and not what it leads to; none where nothing is there. */
export function removeFileStep(path: string): readonly FileStep[] {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  if (entry === undefined || entry.isDirectory()) return []
  const link = entry.isSymbolicLink() ? readlinkSync(path) : undefined
  const file: FileState = link === undefined ? readFileState(path) : atLink(path)
  return [{ kind: 'remove', path, file, link, shown: goesAway('goes away') }]
}

/** Where a link leads does not matter: it may be to nothing any more. */
function atLink(path: string): FileState {
  return { path, givenPath: path, bytes: Buffer.alloc(0), mode: undefined, stats: undefined }
}
