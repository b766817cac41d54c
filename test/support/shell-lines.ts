import { readShell } from '../../src/files/shell-lines.ts'
import type { LineKind, ShellDialect } from '../../src/files/shell-reader.ts'

/** One physical line of a script; `end` is behind its line ending. */
export interface ShellLine {
  readonly start: number
  readonly end: number
  readonly kind: LineKind
}

/** The lines of a script one by one. */
export function linesOf(text: string, dialect: ShellDialect = 'posix', takesStretches = true): readonly ShellLine[] {
  const runs = readShell(text, dialect, takesStretches)
  const lines: ShellLine[] = []
  for (let start = 0; start < text.length; start = lines.at(-1)?.end ?? 0) {
    const kind = runs.findLast((run) => run.start <= start)?.kind ?? 'unknown'
    lines.push({ start, end: text.indexOf('\n', start) + 1 || text.length, kind })
  }
  return lines
}
