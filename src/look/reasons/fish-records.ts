import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { AT_THE_END, readMarks } from './environment-marks.ts'
import { FishLines } from './fish-lines.ts'
import { FIELD, type Mark, readMark, RECORD, type TraceRecord } from './trace-format.ts'
import { TRACE_DIRECTORY } from './trace-request.ts'

/** What a traced fish did, and whether it came to the command that it was opened for. */
export interface FishTrace {
  readonly records: readonly TraceRecord[]
  readonly isComplete: boolean
}

/** How the traced fish came to its end. */
export type FishEnding = 'by itself' | 'by force'

/** A file that is being read or a function that is running; without a file where its lines are not the user's. */
interface Frame {
  readonly file: string | undefined
  /** The commands in it have at least so many dashes. */
  readonly depth: number
  /** Of the last command; undefined where it was not found. */
  line: number | undefined
  /** The last line that was found. */
  cameTo: number
}

interface Definition {
  readonly file: string | undefined
  readonly line: number | undefined
}

const COMMAND = /^(-*)>(?: (.*))?$/
const MARK = new RegExp(`^${RECORD}(\\d+)${FIELD}(.*)$`)

/**
 * Reads what fish prints: each command behind as many dashes as things are around it, with what it was worked out to, and
 * between them what the variables are from then on.
 */
export function readFishTrace(output: string, ending: FishEnding, names: readonly string[], home: string): FishTrace {
  const marks = names.map((): Mark => 'unseen')
  const records: TraceRecord[] = []
  const functions = new Map<string, Definition>()
  const lines = new FishLines()
  let frames: readonly Frame[] = []
  let isComplete = false
  // The last line may be cut.
  for (const text of output.split('\n').slice(0, -1)) {
    const [, index, mark] = MARK.exec(text) ?? []
    if (index !== undefined && mark !== undefined) marks[Number(index)] = readMark(decoded(mark))
    const [, dashes, command = ''] = COMMAND.exec(text) ?? []
    if (dashes === undefined || isComplete) continue
    const depth = dashes.length
    frames = frames.filter((frame) => depth >= frame.depth)
    const frame = frames.at(-1)
    if (frame?.file !== undefined) {
      frame.line = lines.find(command, frame.file, frame.cameTo)
      frame.cameTo = frame.line ?? frame.cameTo
    }
    const route = frames.toReversed().flatMap(({ file, line }) => (file === undefined ? [] : [{ file, line }]))
    isComplete = frame === undefined && command.includes(AT_THE_END)
    if (isComplete || route.length > 0) {
      records.push({ route: isComplete ? [] : route, depth, inSubshell: false, command, marks: [...marks] })
    }
    const opened = openedBy(command, depth, functions, home)
    if (opened !== undefined) frames = [...frames, opened]
    const [, defined] = /^function (\S+)/.exec(command) ?? []
    if (defined !== undefined) functions.set(defined, { file: frame?.file, line: frame?.line })
  }
  if (!isComplete && ending === 'by itself') records.push(...replacedBy(frames, marks, lines))
  return { records: withAssumedMarks(records, names, isComplete ? readMarks(output) : undefined), isComplete }
}

/** fish prints every command but an `exec` that succeeds. */
function replacedBy(frames: readonly Frame[], marks: readonly Mark[], lines: FishLines): readonly TraceRecord[] {
  for (const [around, { file, cameTo }] of frames.toReversed().entries()) {
    const exec = file === undefined ? undefined : lines.findExec(file, cameTo)
    if (file === undefined || exec === undefined) continue
    const callers = frames.toReversed().slice(around + 1)
    const route = [{ file, line: exec.line }, ...callers.filter((frame) => frame.file !== undefined)]
    return [{ route, depth: undefined, inSubshell: false, command: exec.text, marks: [...marks] }]
  }
  return []
}

/** What a command reads or calls. */
function openedBy(
  command: string,
  depth: number,
  functions: ReadonlyMap<string, Definition>,
  home: string,
): Frame | undefined {
  const [word = '', argument = ''] = wordsOf(command)
  if (word === 'eval') return { file: undefined, depth: depth + 1, line: undefined, cameTo: 1 }
  const inside = depth + 2
  if (word === 'source' || word === '.')
    return { file: userFile(argument, home), depth: inside, line: undefined, cameTo: 1 }
  const called = functions.get(word)
  return called === undefined ? undefined : { ...called, depth: inside, cameTo: called.line ?? 1 }
}

/** Undefined for what is read from standard input, for the functions of fish itself, for our file, and for one that is gone. */
function userFile(word: string, home: string): string | undefined {
  if (word === '' || word === '-') return undefined
  const file = resolve(home, word)
  const isNobodys =
    /\/share\/fish\/(?!vendor_conf\.d\/)|^\/(?:dev|proc)\//.test(file) || file.includes(`/${TRACE_DIRECTORY}`)
  return isNobodys || !existsSync(file) ? undefined : file
}

/** The words of a command, as fish quotes them when it prints them. */
function wordsOf(command: string): readonly string[] {
  const words = command.match(/'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?:[^\s\\]|\\.)+/g) ?? []
  return words.map((word) => (/^['"]/.test(word) ? word.slice(1, -1) : word).replaceAll(/\\(.)/g, '$1'))
}

function decoded(mark: string): string {
  try {
    return decodeURIComponent(mark)
  } catch {
    return mark
  }
}

/**
 * Before the first mark of a variable, and where it is another one in the end than fish has said, the last command that
 * names it is taken to have made it what it is then.
 */
function withAssumedMarks(
  records: readonly TraceRecord[],
  names: readonly string[],
  atTheEnd: readonly Mark[] | undefined,
): readonly TraceRecord[] {
  const columns = names.map((name, index) => {
    const marks = records.map((record) => record.marks[index] ?? 'unseen')
    const first = marks.findIndex((mark) => mark !== 'unseen')
    const known = first === -1 ? marks : assume(name, records, marks, 0, first, marks[first] ?? 'unseen')
    const end = atTheEnd?.[index]
    const last = known.at(-1)
    if (end === undefined || last === undefined || isHandedOnAs(last, end)) return known
    const since = known.findLastIndex((mark) => mark !== last) + 1
    return assume(name, records, known, since, known.length - 1, end)
  })
  return records.map((record, at) => ({ ...record, marks: columns.map((marks) => marks[at] ?? 'unseen') }))
}

/** The marks, with one from the last command on that names the variable; all unseen where none does. */
function assume(
  name: string,
  records: readonly TraceRecord[],
  marks: readonly Mark[],
  from: number,
  to: number,
  mark: Mark,
): readonly Mark[] {
  const changedAt = records.findLastIndex(({ command }, at) => at >= from && at < to && changes(command, name))
  if (changedAt === -1 && from > 0) return marks.map(() => 'unseen')
  const before = mark === 'unset' ? OTHER : 'unset'
  return marks.map((own, at) => {
    if (at > to || at < from) return own
    if (at > changedAt) return mark
    return own === 'unseen' ? before : own
  })
}

const OTHER: Mark = { text: '', attributes: '' }

/** Whether programs get what fish has said of a variable. */
function isHandedOnAs(said: Mark, handedOn: Mark): boolean {
  const isKept = typeof said === 'object' && said.attributes !== 'x'
  if (isKept || typeof said === 'string' || typeof handedOn === 'string') return handedOn === (isKept ? 'unset' : said)
  // sh counts bytes, and fish characters.
  const [end, handedOnEnd] = [said.text, handedOn.text].map((text) => text.slice(text.indexOf(':')))
  return end === handedOnEnd || /[^ -~]/.test(`${end}${handedOnEnd}`)
}

function changes(command: string, name: string): boolean {
  return (
    /^(?:set|read|string)\s/.test(command) &&
    !/^set\s+(?:-\w*[qnSl]|--(?:query|names|show|local)\b)/.test(command) &&
    new RegExp(`(?<!\\w)${name}(?!\\w)`).test(command)
  )
}
