import { resolve } from 'node:path'
import { AT_THE_END, readMarks } from './environment-marks.ts'
import { findExec, findFishLine } from './fish-lines.ts'
import { FIELD, type Mark, readMark, RECORD, type TraceRecord } from './trace-format.ts'
import { TRACE_DIRECTORY } from './trace-request.ts'

/** What a traced fish did, and whether it came to the command that it was opened for. */
export interface FishTrace {
  readonly records: readonly TraceRecord[]
  readonly isComplete: boolean
}

/** A file that is being read or a function that is running; without a file where its lines are not the user's. */
interface Frame {
  readonly file: string | undefined
  /** The commands in it have at least so many dashes. */
  readonly depth: number
  /** Of the last command that was found. */
  line: number | undefined
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
export function readFishTrace(output: string, names: readonly string[], home: string): FishTrace {
  const marks = names.map((): Mark => 'unseen')
  const records: TraceRecord[] = []
  const functions = new Map<string, Definition>()
  let frames: readonly Frame[] = []
  let isComplete = false
  for (const text of output.split('\n')) {
    const [, index, mark] = MARK.exec(text) ?? []
    if (index !== undefined && mark !== undefined) marks[Number(index)] = readMark(decoded(mark))
    const [, dashes, command = ''] = COMMAND.exec(text) ?? []
    if (dashes === undefined || isComplete) continue
    const depth = dashes.length
    frames = frames.filter((frame) => depth >= frame.depth)
    const frame = frames.at(-1)
    if (frame?.file !== undefined) frame.line = findFishLine(command, frame.file, frame.line ?? 1)
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
  if (!isComplete) records.push(...replacedBy(frames, marks))
  return { records: withAssumedMarks(records, names, isComplete ? readMarks(output) : undefined), isComplete }
}

/** fish prints every command but an `exec` that succeeds. */
function replacedBy(frames: readonly Frame[], marks: readonly Mark[]): readonly TraceRecord[] {
  for (const [around, { file, line = 1 }] of frames.toReversed().entries()) {
    const exec = file === undefined ? undefined : findExec(file, line)
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
  if (word === 'eval') return { file: undefined, depth: depth + 1, line: undefined }
  const inside = depth + 2
  if (word === 'source' || word === '.') return { file: userFile(argument, home), depth: inside, line: undefined }
  const called = functions.get(word)
  return called === undefined ? undefined : { ...called, depth: inside }
}

/** Undefined for what is read from standard input, and for the files of fish itself and of ours. */
function userFile(word: string, home: string): string | undefined {
  if (word === '' || word === '-') return undefined
  const file = resolve(home, word)
  return /\/share\/fish\/|^\/(?:dev|proc)\//.test(file) || file.includes(`/${TRACE_DIRECTORY}`) ? undefined : file
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

/** Up to the first mark of a variable, the last command that changes it is taken to have made it what it is then. */
function withAssumedMarks(
  records: readonly TraceRecord[],
  names: readonly string[],
  atTheEnd: readonly Mark[] | undefined,
): readonly TraceRecord[] {
  const seenFrom = names.map((name, index) => {
    const first = records.findIndex(({ marks }) => marks[index] !== 'unseen')
    const seenAt = first === -1 ? records.length - 1 : first
    const mark = records[first]?.marks[index] ?? atTheEnd?.[index] ?? 'unseen'
    const changedAt = records.findLastIndex(({ command }, at) => at < seenAt && changes(command, name))
    return { seenAt, mark, changedAt, before: mark === 'unset' ? OTHER : 'unset' } as const
  })
  return records.map((record, at) => ({
    ...record,
    marks: record.marks.map((own, index) => {
      const seen = seenFrom[index]
      if (seen === undefined || at > seen.seenAt) return own
      return at <= seen.changedAt && seen.mark !== 'unseen' ? seen.before : seen.mark
    }),
  }))
}

const OTHER: Mark = { text: '', attributes: '' }

function changes(command: string, name: string): boolean {
  return (
    /^(?:set|read|string)\s/.test(command) &&
    !/^set\s+(?:-\w*[qnSl]|--(?:query|names|show|local)\b)/.test(command) &&
    new RegExp(`(?<!\\w)${name}(?!\\w)`).test(command)
  )
}
