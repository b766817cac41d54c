import { type LogicalLine, logicalLinesOf } from './logical-lines.ts'

/** The lines of files in which commands are looked for; each file is read once. */
export class FishLines {
  readonly #files = new Map<string, IndexedFile>()

  /**
   * The line of a file that a traced command stands in, since fish prints none. The trace has the command with everything
   * worked out, so the words that stand in the file as they are have to do.
   *
   * @param from the line of the command before it; it may stand there too, or above in a loop
   */
  find(command: string, file: string, from: number): number | undefined {
    const words = wordsIn(command)
    const [first, ...rest] = words
    if (first === undefined) return from
    const target = rest.find((word) => !word.startsWith('-'))
    const candidates = (this.#index(file).withWord.get(first) ?? []).map(({ line, own }): Candidate => {
      const count = words.filter((word) => own.has(word)).length
      return { line, count, hasTarget: target === undefined || own.has(target) }
    })
    return choose(candidates, words.length, from)
  }

  /** The next `exec` of a file, with what it starts. */
  findExec(file: string, from: number): LogicalLine | undefined {
    const found = this.#index(file).lines.flatMap(({ line, text }) => {
      const [exec] = /(?<![\w-])exec\s[^;&|]*/.exec(text) ?? []
      return line < from || exec === undefined ? [] : [{ line, text: exec.trim() }]
    })
    return found[0]
  }

  #index(file: string): IndexedFile {
    const known = this.#files.get(file)
    if (known !== undefined) return known
    const lines = logicalLinesOf(file)
    const withWord = new Map<string, IndexedLine[]>()
    for (const { line, text } of lines) {
      const own = new Set(wordsIn(text))
      for (const word of own) withWord.set(word, [...(withWord.get(word) ?? []), { line, own }])
    }
    const indexed = { lines, withWord }
    this.#files.set(file, indexed)
    return indexed
  }
}

interface IndexedFile {
  readonly lines: readonly LogicalLine[]
  readonly withWord: ReadonlyMap<string, readonly IndexedLine[]>
}

interface IndexedLine {
  readonly line: number
  /** The words in it. */
  readonly own: ReadonlySet<string>
}

interface Candidate {
  readonly line: number
  /** Of the words that are in it. */
  readonly count: number
  /** Whether it has the first word that is no option. */
  readonly hasTarget: boolean
}

/** The next line with all the words, or else with most of them; from the beginning where there is none further on. */
function choose(candidates: readonly Candidate[], words: number, from: number): number | undefined {
  const ahead = [...candidates.filter(({ line }) => line > from), ...candidates.filter(({ line }) => line === from)]
  const above = candidates.filter(({ line }) => line < from)
  const hasAll = ({ count }: Candidate): boolean => count === words
  const found =
    ahead.find(hasAll) ??
    bestOf(ahead.filter(({ hasTarget }) => hasTarget)) ??
    above.find(hasAll) ??
    bestOf(above.filter(({ hasTarget }) => hasTarget)) ??
    bestOf(ahead) ??
    bestOf(above)
  return found?.line
}

function bestOf(candidates: readonly Candidate[]): Candidate | undefined {
  const most = Math.max(...candidates.map(({ count }) => count))
  return candidates.find(({ count }) => count === most)
}

function wordsIn(text: string): readonly string[] {
  return text.split(/[\s;|&()'"{}$<>\\]+/).filter((word) => word !== '')
}
