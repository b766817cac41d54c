import { lstatSync, readlinkSync } from 'node:fs'
import type { FileState } from '../../files/read.ts'
import { readFileState } from '../../files/read.ts'
import type { FileStep } from './scheduler.ts'

/** The step that removes what is at a path, a link itself and not what it leads to; none where nothing is there. */
export function removeFileStep(path: string): readonly FileStep[] {
  const entry = lstatSync(path, { throwIfNoEntry: false })
  if (entry === undefined || entry.isDirectory()) return []
  const shown = { kind: 'shown', summary: 'goes away', lines: ['- (the file goes away)'] } as const
  const link = entry.isSymbolicLink() ? readlinkSync(path) : undefined
  const file: FileState = link === undefined ? readFileState(path) : atLink(path)
  return [{ kind: 'remove', path, file, link, shown }]
}

/** Where a link leads does not matter: it may be to nothing any more. */
function atLink(path: string): FileState {
  return { path, givenPath: path, bytes: Buffer.alloc(0), mode: undefined, stats: undefined }
}
