import { join, resolve } from 'node:path'
import { AT_THE_END, readMarks } from './environment-marks.ts'
import { logicalLinesOf } from './logical-lines.ts'
import { type BlockPlace, isInBlock } from './search.ts'
import type { ReportedError } from './syntax-error.ts'
import { isPlace, type Mark, markTextOf, type TraceRecord } from './trace-format.ts'

/** What a traced tcsh did, and whether it came to the command that it was opened for. */
export interface TcshTrace {
  readonly records: readonly TraceRecord[]
  readonly isComplete: boolean
  readonly errors: readonly ReportedError[]
  /** The files that were read by others. */
  readonly read: readonly string[]
}

interface ExpectedMark {
  readonly name: string
  /** The mark of the value that the block loads. */
  readonly expected: string
}

/** A file that is being read, and the line it has come to. */
interface Reading {
  readonly file: string
  readonly line: number
}

/**
 * Reads what tcsh prints: each line of a file, and then the commands in it with what they were worked out to. It names no
 * file, so each text that is a line of the files at hand is taken for that line; all others belong to the line before.
 *
 * @param startUpFiles in the order of reading
 */
export function readTcshTrace(
  output: string,
  variables: readonly ExpectedMark[],
  startUpFiles: readonly string[],
  blocks: readonly BlockPlace[],
  home: string,
): TcshTrace {
  const read = new Set<string>()
  const errors: ReportedError[] = []
  const done: Pick<TraceRecord, 'route' | 'command'>[] = []
  const linesOf = lineCache()
  // The last line may be cut.
  const texts = output.split('\n').slice(0, -1)
  const end = texts.findIndex((text) => text.includes(AT_THE_END))
  let readings: readonly Reading[] = []
  for (const text of texts.slice(0, end === -1 ? undefined : end)) {
    if (text.trim() === '') continue
    const found = placeLine(squeezed(text), readings, startUpFiles, linesOf)
    readings = found ?? readings
    const [current] = readings
    if (current !== undefined && found === undefined && ENDS_READING.test(text)) {
      errors.push({ ...current, isSyntax: false })
    }
    // The program that `exec` starts is printed once more.
    if (done.at(-1)?.command !== `exec ${text}`) done.push({ route: readings, command: text.trim() })
    const [, word] = /^source (?:-h )?([^\s;]+)/.exec(text) ?? []
    if (word !== undefined) {
      const file = word.startsWith('~/') ? join(home, word.slice(2)) : resolve(home, word)
      read.add(file)
      readings = [{ file, line: 0 }, ...readings]
    }
  }
  const marks = end === -1 ? undefined : readMarks(output)
  const records = withMarks(done, variables, blocks, marks)
  return { records, isComplete: marks !== undefined, errors, read: [...read] }
}

/** What tcsh says where it reads no further; it goes on after a command that is not there. */
const ENDS_READING = /^(?:\S+: )?(?!Command not found)[A-Z][^:]*\.$/

/** The lines that have a text, in their order. */
type LinesOf = (file: string, text: string) => readonly number[]

/** tcsh puts its own blanks between words, and leaves comments out, and quotes where it runs the line. */
function lineCache(): LinesOf {
  const cache = new Map<string, ReadonlyMap<string, readonly number[]>>()
  const index = (file: string): ReadonlyMap<string, readonly number[]> => {
    const known = cache.get(file)
    if (known !== undefined) return known
    const found = new Map<string, number[]>()
    for (const { line, text } of logicalLinesOf(file)) {
      for (const one of new Set([squeezed(text), squeezed(text.replace(/\s#.*$/, ''))])) {
        found.set(one, [...(found.get(one) ?? []), line])
      }
    }
    cache.set(file, found)
    return found
  }
  return (file, text) => index(file).get(text) ?? []
}

function squeezed(text: string): string {
  return text.replaceAll(/[\s\\'"]+/g, '')
}

/** The files that are being read, from the inside out, once this text was; undefined where it is no line of them. */
function placeLine(
  text: string,
  readings: readonly Reading[],
  startUpFiles: readonly string[],
  linesOf: LinesOf,
): readonly Reading[] | undefined {
  const find = (file: string, from: number): Reading | undefined => {
    const found = linesOf(file, text).find((line) => line >= from)
    return found === undefined ? undefined : { file, line: found }
  }
  // Further on in a file; or above, in a loop.
  for (const isLoop of [false, true]) {
    for (const [depth, { file, line }] of readings.entries()) {
      const found = find(file, isLoop ? 0 : line)
      if (found !== undefined) return [found, ...readings.slice(depth + 1)]
    }
  }
  const current = startUpFiles.indexOf(readings.at(-1)?.file ?? '')
  for (const file of startUpFiles.slice(current + 1)) {
    const found = find(file, 0)
    if (found !== undefined) return [found]
  }
  return undefined
}

/** With the variables as the commands make them, up to the last one that changes them; from there on as they are in the end. */
function withMarks(
  done: readonly Pick<TraceRecord, 'route' | 'command'>[],
  variables: readonly ExpectedMark[],
  blocks: readonly BlockPlace[],
  atTheEnd: readonly Mark[] | undefined,
): readonly TraceRecord[] {
  const columns = variables.map((variable, index) => {
    const last = done.findLastIndex(({ command }) => changeOf(command, variable.name) !== undefined)
    let mark: Mark = 'unset'
    return done.map(({ command, route }, at): Mark => {
      const before = mark
      const [place] = route
      const isInOurs = place !== undefined && isPlace(place) && isInBlock(place, blocks)
      const change = changeOf(command, variable.name)
      if (change !== undefined) mark = isInOurs ? { text: variable.expected, attributes: 'x' } : change
      return at > last ? (atTheEnd?.[index] ?? before) : before
    })
  })
  const records = done.map(({ command, route }, at): TraceRecord => {
    return { command, route, depth: undefined, inSubshell: false, marks: columns.map((marks) => marks[at] ?? 'unseen') }
  })
  if (atTheEnd === undefined) return records
  return [...records, { command: AT_THE_END, route: [], depth: undefined, inSubshell: false, marks: atTheEnd }]
}

/** What a command makes of a variable; undefined where it leaves it alone. */
function changeOf(command: string, name: string): Mark | undefined {
  const [, verb, word = '', value = ''] = /^(setenv|unsetenv) (\S+) ?(.*)$/.exec(command) ?? []
  if (verb === 'setenv') return word === name ? { text: markTextOf(value), attributes: 'x' } : undefined
  return verb === 'unsetenv' && matchesPattern(name, word) ? 'unset' : undefined
}

function matchesPattern(name: string, pattern: string): boolean {
  const escaped = pattern
    .replaceAll(/[^\w*?]/g, '')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${escaped}$`).test(name)
}
