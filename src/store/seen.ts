import { statSync } from 'node:fs'
import { systemCode } from '../errors.ts'

/** A file as it was at some time; undefined numbers where there was none. */
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
  /** Every start-up file, and the directories of which the shell reads whatever is there, as they were then. */
  readonly files: readonly FileMark[]
}

/** A file as it is now. */
export function markFile(path: string): FileMark {
  const stats = statOf(path)
  return { path, size: stats?.size, modifiedMs: stats?.mtimeMs, inode: stats?.ino }
}

/** Whether a file is as it was. */
export function isAsMarked({ path, size, modifiedMs, inode }: FileMark): boolean {
  const now = markFile(path)
  return now.size === size && now.modifiedMs === modifiedMs && now.inode === inode
}

/** The files that are not as they were when new shells were looked at; none where that was not done. */
export function changedSince(seen: Seen | undefined): readonly string[] {
  return (seen?.files ?? []).filter((file) => !isAsMarked(file)).map(({ path }) => path)
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
