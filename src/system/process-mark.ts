import { readFileSync, writeFileSync } from 'node:fs'

/** The kernel's own limit. */
const HIGHEST = 1000
/** Above what desktops and browsers give to their programs. */
const LOWEST = 701

/** A process that was started, and its mark; undefined where there is no such mark. */
interface Marked<Process> {
  readonly process: Process
  readonly mark: number | undefined
}

/**
 * Starts a process with a mark that everything it starts has too: also what empties its environment, goes into a session
 * of its own and, as `ssh-agent` does, lets nobody look at it. On Linux alone: the mark is how readily the kernel ends it
 * where memory runs short, which is handed on at fork, anybody may raise, and everyone can read (proc(5)).
 *
 * @param start has to have started it when it returns: for that long, this process has the mark itself
 */
export function startMarked<Process>(start: () => Process): Marked<Process> {
  const own = readMark('self')
  const least = Math.max(LOWEST, (own ?? HIGHEST) + 1)
  const mark = least + Math.floor(Math.random() * (HIGHEST + 1 - least))
  if (own === undefined || mark > HIGHEST || !trySetOwn(mark)) return { process: start(), mark: undefined }
  try {
    return { process: start(), mark }
  } finally {
    trySetOwn(own)
  }
}

/** The mark of a process; undefined where there is none, or the process is gone. */
export function readMark(processId: number | 'self'): number | undefined {
  try {
    return Number(readFileSync(`/proc/${processId}/oom_score_adj`, 'latin1'))
  } catch {
    return undefined
  }
}

function trySetOwn(mark: number): boolean {
  try {
    writeFileSync('/proc/self/oom_score_adj', String(mark))
    return true
  } catch {
    return false
  }
}
