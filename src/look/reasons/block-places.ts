import { tryReadFileState } from '../../files/read.ts'
import { countLines, findBlock } from '../../profile/block.ts'
import type { BlockPlace } from './search.ts'

/** Where the block stands in these files, in their order; those without one, or that cannot be read, are left out. */
export function blockPlacesIn(files: readonly string[]): readonly BlockPlace[] {
  return files.flatMap((file) => {
    const read = tryReadFileState(file)
    const bytes = 'problem' in read ? undefined : read.bytes
    const found = bytes === undefined ? undefined : findBlock(bytes)
    if (bytes === undefined || found?.kind !== 'block') return []
    const lineOf = countLines(bytes)
    // In the order of the file: the second marker is the last line of the block.
    return [{ file, firstLine: lineOf(found.span.start), lastLine: lineOf(found.span.end - 1) }]
  })
}
