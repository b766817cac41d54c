import { readOrdinaryFile } from '../../files/read.ts'
import type { Place } from './cause.ts'
import type { TraceRecord } from './trace-format.ts'

/** A file that is being read; LINENO is ahead of its lines by `ahead`. */
interface OpenFile {
  readonly file: string
  readonly ahead: number
  readonly line: number
}

/**
 * Puts right the lines of ksh93, and adds who read a file: there LINENO goes on counting in a file that is read by ".",
 * and afterwards is ahead by the lines of that file; within `eval` it begins again with 1.
 */
export function correctKshLines(records: readonly TraceRecord[]): readonly TraceRecord[] {
  let open: readonly OpenFile[] = []
  let command = ''
  return records.map((record) => {
    const [{ file, line } = { file: undefined, line: undefined }] = record.route
    if (file === undefined || line === undefined) return record
    const before = command
    command = record.command
    const around = openFilesFor(file, before, record.depth, open)
    const [current, ...callers] = around
    // A function that another file has defined.
    if (current?.file !== file) return { ...record, route: [{ file, line }, ...around.map(placeOf)] }
    const isInEval = before.startsWith('eval ') && line - current.ahead < current.line
    const corrected = isInEval ? current.line : Math.max(line - current.ahead, 1)
    if (isInEval) command = before
    open = [{ ...current, line: corrected }, ...callers]
    return { ...record, route: open.map(placeOf) }
  })
}

/** The files that are open at a record, from the inside out. */
function openFilesFor(
  file: string,
  commandBefore: string,
  depth: number | undefined,
  open: readonly OpenFile[],
): readonly OpenFile[] {
  const [top, ...rest] = open
  if (top?.file === file) return open
  const [below] = rest
  if (below !== undefined && open.some((one) => one.file === file)) {
    return openFilesFor(file, '', depth, [{ ...below, ahead: below.ahead + countLines(top?.file) }, ...rest.slice(1)])
  }
  const started = { file, ahead: 0, line: 1 }
  if (top === undefined || depth === 0) return [started]
  return readsFile(commandBefore, file) ? [{ ...started, ahead: top.ahead + top.line }, ...open] : open
}

function placeOf({ file, line }: OpenFile): Place {
  return { file, line }
}

function readsFile(command: string, file: string): boolean {
  return /^(?:\.|source)\s/.test(command) && command.includes(file.slice(file.lastIndexOf('/') + 1))
}

function countLines(file: string | undefined): number {
  try {
    return file === undefined ? 0 : readOrdinaryFile(file).toString('latin1').split('\n').length - 1
  } catch {
    return 0
  }
}
