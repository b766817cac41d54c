import { statSync } from 'node:fs'
import { systemCode } from '../errors.ts'

/** A start-up file as it was when new shells were looked at; undefined numbers where there was none. */
export interface FileMark {
  readonly path: string
  readonly size: number | undefined
  readonly modifiedMs: number | undefined
  readonly inode: number | undefined
}

/** What new shells had when they were looked at last. */
export interface Seen {
  readonly outcome: 'seen' | 'not-seen' | 'not-checked'
  /** ISO 8601, UTC. */
  readonly checkedAt: string
  /** What was found, or why nothing could be: a sentence each, without a secret. */
  readonly findings: readonly string[]
  readonly files: readonly FileMark[]
}

/** The start-up files as they are now. */
export function markFiles(paths: readonly string[]): readonly FileMark[] {
  return paths.map((path) => {
    const stats = statOf(path)
    return { path, size: stats?.size, modifiedMs: stats?.mtimeMs, inode: stats?.ino }
  })
}

/** The files that are not as they were when new shells were looked at; none where that was not done. */
export function changedSince(seen: Seen | undefined): readonly string[] {
  const files = seen?.files ?? []
  const now = markFiles(files.map(({ path }) => path))
  return files.flatMap((then, index) => {
    const same = (['size', 'modifiedMs', 'inode'] as const).every((key) => then[key] === now[index]?.[key])
    return same ? [] : [then.path]
  })
}

function statOf(path: string): { readonly size: number; readonly mtimeMs: number; readonly ino: number } | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    // Behind a directory that may not be entered it is as good as missing.
    if (systemCode(error) === undefined) throw error
    return undefined
  }
}
