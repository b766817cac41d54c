import { removeBlock } from '../files/block.ts'
import { readFileState, type FileState } from '../files/replace.ts'
import { shellPath } from '../shells/posix.ts'
import { requireWritable } from './file-steps.ts'
import { DEFAULT_VARIABLES, type Plan, type Step } from './platform.ts'
import { blockPaths, findStored } from './posix-find.ts'
import { inspectVariables } from './posix-inspection.ts'
import type { PosixPlace } from './posix-place.ts'
import { privateFile, readRestoreRecords, readState } from './private-files.ts'
import { inProfile } from './profile-plan.ts'

/** What has to change for every file to be as it was before setup. */
export function planRemoval(place: PosixPlace): Plan {
  const { directory, home } = place
  const state = readState(directory)
  const records = readRestoreRecords(directory)
  const paths = new Set([...blockPaths(place, state), ...Object.keys(records)])
  const profiles = [...paths].flatMap((path): readonly Step[] => {
    const file = readFileState(path)
    if (file.bytes === undefined) return []
    const { bytes } = file
    const record = records[path]
    const restored = inProfile(shellPath(path, home), () => removeBlock(bytes, record))
    if (restored?.equals(bytes)) return []
    const preview = [
      `- the block${record === undefined || record.replaced.length === 0 ? '' : '; your own export returns'}`,
    ]
    return restored === undefined
      ? [removalOf(path, file, 'goes away, nothing else is in it')]
      : [
          {
            kind: 'write-file',
            path,
            state: file,
            bytes: restored,
            mode: record?.mode ?? file.mode,
            summary: 'without the block',
            preview,
          },
        ]
  })
  const ownFile = (name: string, summary: string): readonly Step[] => {
    const { path, state: file } = privateFile(directory, name)
    return file.bytes === undefined ? [] : [removalOf(path, file, summary)]
  }
  const steps = [
    // The token first: at every moment the pair is whole or without a token.
    ...ownFile('access-token', 'goes away'),
    ...profiles,
    ...ownFile('connection-string', 'goes away'),
    ...['state.json', '.gitignore', 'restore.json'].flatMap((name) => ownFile(name, '')),
  ]
  requireWritable(steps)
  const variables = inspectVariables(place, findStored(place), state.variables ?? DEFAULT_VARIABLES)
  const stored = variables.flatMap(({ name, storedIn }) => storedIn.map((where) => ({ name, where })))
  return { isDraft: false, steps, stored, warnings: [], notes: [] }
}

function removalOf(path: string, state: FileState, summary: string): Step {
  return { kind: 'remove-file', path, state, summary, preview: summary === '' ? [] : ['- (the file goes away)'] }
}
