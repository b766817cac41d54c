import { type LogicalLine, logicalLinesOf } from './logical-lines.ts'

/**
 * The line of a file that a traced command stands in, since fish prints none. The trace has the command with everything
 * worked out, so the words that stand in the file as they are have to do.
 *
 * @param from the line of the command before it; it may stand there too, or above in a loop
 */
export function findFishLine(command: string, file: string, from: number): number | undefined {
  const words = wordsIn(command)
  const [first, ...rest] = words
  if (first === undefined) return from
  const target = rest.find((word) => !word.startsWith('-'))
  const candidates = logicalLinesOf(file).flatMap(({ line, text }): readonly Candidate[] => {
    const own = new Set(wordsIn(text))
    if (!own.has(first)) return []
    const count = words.filter((word) => own.has(word)).length
    return [{ line, count, hasTarget: target === undefined || own.has(target) }]
  })
  const ahead = [...candidates.filter(({ line }) => line > from), ...candidates.filter(({ line }) => line === from)]
  const above = candidates.filter(({ line }) => line < from)
  const hasAll = ({ count }: Candidate): boolean => count === words.length
  const found =
    ahead.find(hasAll) ??
    bestOf(ahead.filter(({ hasTarget }) => hasTarget)) ??
    above.find(hasAll) ??
    bestOf(above.filter(({ hasTarget }) => hasTarget)) ??
    bestOf(ahead) ??
    bestOf(above)
  return found?.line
}

interface Candidate {
  readonly line: number
  /** Of the words that are in it. */
  readonly count: number
  /** Whether it has the first word that is no option. */
  readonly hasTarget: boolean
}

function bestOf(candidates: readonly Candidate[]): Candidate | undefined {
  const most = Math.max(...candidates.map(({ count }) => count))
  return candidates.find(({ count }) => count === most)
}

/** The next `exec` of a file, with what it starts. */
export function findExec(file: string, from: number): LogicalLine | undefined {
  const found = logicalLinesOf(file).flatMap(({ line, text }) => {
    const [exec] = /(?<![\w-])exec\s[^;&|]*/.exec(text) ?? []
    return line < from || exec === undefined ? [] : [{ line, text: exec.trim() }]
  })
  return found[0]
}

function wordsIn(text: string): readonly string[] {
  return text.split(/[\s;|&()'"{}$<>\\]+/).filter((word) => word !== '')
}
