import { writeFileSync } from 'node:fs'
import { readProc } from './proc.ts'

const FILE = 'oom_score_adj'
/** The kernel's own limit. */
const HIGHEST = 1000
/** Above what desktops and browsers give to their programs. */
const LOWEST = 701

/**
 * Marks a process, so that everything it starts from now on has the mark too: also what empties its environment, goes
 * into a session of its own and, as `ssh-agent` does, lets nobody look at it. On Linux alone: the mark is how readily
 * the kernel ends it where memory runs short, which is handed on at fork, anybody may raise, and everyone can read
 * (proc(5)). This process must never have it itself, not even for a moment: a run beside it could take it for its own.
 *
 * @returns undefined where there is no such mark
 */
export function markProcess(processId: number): number | undefined {
  const least = Math.max(LOWEST, (readMark('self') ?? HIGHEST) + 1)
  const mark = least + Math.floor(Math.random() * (HIGHEST + 1 - least))
  if (mark > HIGHEST) return undefined
  try {
    writeFileSync(`/proc/${processId}/${FILE}`, String(mark))
    return mark
  } catch {
    return undefined
  }
}

/** The mark of a process; undefined where there is none, or the process is gone. */
export function readMark(processId: number | 'self'): number | undefined {
  const mark = readProc(`${processId}/${FILE}`)
  return mark === '' ? undefined : Number(mark)
}
