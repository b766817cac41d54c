import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { distinctFiles, readFileState, type FileState } from '../../../files/read.ts'
import { removeBlock } from '../../../profile/edit.ts'
import { inProfile } from '../../../profile/inline-values.ts'
import { HAND_OVER } from '../../../shells/bash.ts'
import { shellPath } from '../../../shells/posix.ts'
import { requireWritable } from '../../../store/change/perform.ts'
import { privateFile } from '../../../store/own-files.ts'
import { readState } from '../../../store/state.ts'
import { DEFAULT_VARIABLES, type Plan, type Step } from '../../../store/store.ts'
import { blockPaths, findStored } from '../find.ts'
import { inspectVariables } from '../inspect.ts'
import type { PosixPlace } from '../place.ts'
import { readRestoreRecords } from './records.ts'

/** What has to change for every file to be as it was before setup. */
export function planRemoval(place: PosixPlace): Plan {
  const { directory, home } = place
  const state = readState(directory, home)
  const records = readRestoreRecords(directory, home)
  const paths = distinctFiles([...blockPaths(place, state), ...Object.keys(records)])
  const profiles = paths.flatMap((path): readonly Step[] => {
    const file = readFileState(path)
    if (file.bytes === undefined) return []
    const { bytes } = file
    const record = records[path]
    const restored = inProfile(shellPath(path, home), () => removeBlock(bytes, record, remainderOf(bytes, home)))
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
  // A profile that is gone cannot be given its lines back; they stay where they are kept.
  const lost = paths.filter(
    (path) => (records[path]?.replaced.length ?? 0) > 0 && readFileState(path).bytes === undefined,
  )
  const ownFile = (name: string, summary: string): readonly Step[] => {
    const { path, state: file } = privateFile(directory, name)
    return file.bytes === undefined ? [] : [removalOf(path, file, summary)]
  }
  const steps = [
    // The token first: at every moment the pair is whole or without a token.
    ...ownFile('access-token', 'goes away'),
    ...profiles,
    ...ownFile('connection-string', 'goes away'),
    ...['state.json', '.gitignore'].flatMap((name) => ownFile(name, '')),
    ...(lost.length === 0 ? ownFile('restore.json', '') : []),
  ]
  requireWritable(steps, directory)
  const variables = inspectVariables(place, findStored(place), state.variables ?? DEFAULT_VARIABLES)
  const stored = variables.flatMap(({ name, storedIn }) => storedIn.map((where) => ({ name, where })))
  const keptIn = shellPath(join(directory, 'restore.json'), home)
  const warnings = lost.map(
    (path) =>
      `${shellPath(path, home)} does not exist any more; the line that acs-env took over from it stays in ${keptIn}.`,
  )
  return { isDraft: false, steps, stored, warnings, notes: [] }
}

/** In a file that was made for the block, what others have added still needs the hand-over to the file in use before. */
function remainderOf(bytes: Buffer, home: string): string {
  if (!['.bash_login', '.profile'].some((name) => existsSync(join(home, name)))) return ''
  const handOver = `${HAND_OVER.join('\n')}\n`
  return bytes.includes(handOver) ? handOver : ''
}

function removalOf(path: string, state: FileState, summary: string): Step {
  return { kind: 'remove-file', path, state, summary, preview: summary === '' ? [] : ['- (the file goes away)'] }
}
