import type { Cause, NotReadReason, Place, Route } from './cause.ts'
import { type BlockPlace, findCommand, findMentions, findWord, isInBlock, textOf } from './search.ts'
import type { ReportedError } from './syntax-error.ts'
import { isPlace, type Mark, markTextOf, type TraceRecord } from './trace-format.ts'

/** What is known about one traced start of a shell. */
export interface Evidence {
  readonly records: readonly TraceRecord[]
  /** Whether the shell reached the command that it was started for. */
  readonly isComplete: boolean
  /** Its time was over first. */
  readonly isCut: boolean
  readonly errors: readonly ReportedError[]
  /** The block that this start of the shell is to read, first among all of them. */
  readonly blocks: readonly BlockPlace[]
  /** Start-up files and the files that those read. */
  readonly files: readonly string[]
  /** A compiled file that is read in place of the block's. */
  readonly compiled: string | undefined
  /** Whether records say in which file a command is; else it is searched for. */
  readonly hasFiles: boolean
  /** Not so in ksh. */
  readonly hasExactLines: boolean
  /** tcsh says nothing of a file that is read with its output thrown away. */
  readonly shows: 'every command' | 'most commands'
  /** What `exit` in a start-up file ends. */
  readonly exitEnds: 'the shell' | 'the file'
}

export interface BlamedVariable {
  readonly name: string
  /** Its place among the names. */
  readonly index: number
  /** The mark of the value that it should have. */
  readonly expected: string
}

/** Which line is to blame where a shell gets ready but hands on a wrong value, or none. */
export function blame(variable: BlamedVariable, evidence: Evidence): Cause {
  // It got ready before, and is slower or does something else now.
  if (!evidence.isComplete) return blameMentions(findMentions(variable.name, evidence.files, evidence.blocks))
  const history = historyOf(variable, evidence)
  const unread = history.wasThere ? undefined : blameUnread(evidence)
  if (unread !== undefined && evidence.hasFiles) return unread
  const changed = blameChange(history, variable, evidence) ?? unread
  if (changed !== undefined) return changed
  const mentioned = blameMentions(findMentions(variable.name, evidence.files, evidence.blocks))
  const failed = mentioned.kind === 'unknown' && !history.wasThere ? findReadBlock(evidence) : undefined
  return failed === undefined ? mentioned : { kind: 'block-failed', file: failed.file }
}

/** The block whose lines were run. */
function findReadBlock({ records, blocks }: Evidence): BlockPlace | undefined {
  const places = records.flatMap(({ route }) => route.filter(isPlace))
  return blocks.find((block) => places.some((place) => isInBlock(place, [block])))
}

/** The lines that name a variable, for a shell that cannot be traced, or could not. */
export function blameWithoutTrace(
  { name }: BlamedVariable,
  files: readonly string[],
  blocks: readonly BlockPlace[],
): Cause {
  return blameMentions(findMentions(name, files, blocks))
}

/** Which line is to blame where another shell took over: one before that, or the one in which it does. */
export function blameHandOver(variable: BlamedVariable, evidence: Evidence, to: string): Cause {
  const history = historyOf(variable, evidence)
  const isThere = isExpected(history.marks.at(-1), variable)
  const changed = history.wasThere && !isThere ? blameChange(history, variable, evidence) : undefined
  return changed ?? blameLast(evidence, to)
}

/** Where a shell was when it ended, was replaced, or had no more time. */
export function blameLast(evidence: Evidence, to: string | undefined): Cause {
  const { records, files, blocks, hasFiles, exitEnds } = evidence
  const starts = (record: TraceRecord): boolean => to !== undefined && commandWords(record.command).includes(to)
  const beforeTheEnd = recordsBeforeTheEnd(records)
  const ends = to === undefined && exitEnds === 'the shell' ? beforeTheEnd.findLast(endsTheShell) : undefined
  const last = records.findLast(starts) ?? ends ?? beforeTheEnd.findLast(isWaitedFor) ?? beforeTheEnd.at(-1)
  if (last === undefined) return { kind: 'unknown' }
  const command = commandName(last.command)
  const route = routeOf(last)
  if (hasFiles) return route === undefined ? { kind: 'unknown' } : { kind: 'last-line', command, ...route }
  const [only, ...others] = findCommand(last, undefined, files, blocks)
  if (only === undefined) return { kind: 'unknown' }
  if (others.length === 0) return { kind: 'last-line', command, ...only, via: [] }
  return blameMentions([only, ...others])
}

/** What start-up files have done, without what follows where the shell ends. */
export function recordsBeforeTheEnd(records: readonly TraceRecord[]): readonly TraceRecord[] {
  return withoutExitTrap(records).filter(({ route }) => route.length > 0 && !isReadAtTheEnd(route))
}

/** Not of a job in the background, whose command may be reported after the one that the shell itself is at. */
function isWaitedFor(record: TraceRecord): boolean {
  const route = routeOf(record)
  return route === undefined || !/(?<!&)&\s*(?:#.*)?$/.test(textOf(route))
}

/** In a file that a login shell reads when it ends. */
function isReadAtTheEnd(route: TraceRecord['route']): boolean {
  return /\/(?:\.bash_logout|bash\.bash_logout|\.?zlogout)$/.test(route.at(-1)?.file ?? '')
}

/** Without what a trap does once the shell ends. */
function withoutExitTrap(records: readonly TraceRecord[]): readonly TraceRecord[] {
  const setAt = records.findLastIndex(({ command }) => EXIT_TRAP.test(command))
  const [, quoted, word] = EXIT_TRAP.exec(records[setAt]?.command ?? '') ?? []
  const [first] = (quoted ?? word ?? '').split(/[;&|\n]/)
  const begins = records.findLastIndex(({ command }, at) => at > setAt && command !== '' && command === first?.trim())
  return begins === -1 ? records : records.slice(0, begins)
}

const EXIT_TRAP = /^trap (?:-- )?(?:'([^']*)'|(\S+)) (?:\w+ )*(?:EXIT|0)\b/

function endsTheShell({ command, inSubshell }: TraceRecord): boolean {
  return !inSubshell && /^(?:exit|logout|bye)\b/.test(command)
}

interface History {
  readonly records: readonly TraceRecord[]
  /** The variable before each of them. */
  readonly marks: readonly Mark[]
  /** Whether it ever had the right value. */
  readonly wasThere: boolean
}

function historyOf(variable: BlamedVariable, evidence: Evidence): History {
  // What a subshell sets is gone with it. zsh reports a program that takes its place as if it were in a subshell.
  const records = evidence.records.filter(({ inSubshell }, at, all) => !inSubshell || at === all.length - 1)
  const marks = records.map((record) => record.marks[variable.index] ?? 'unseen')
  return { records, marks, wasThere: marks.some((mark) => isExpected(mark, variable)) }
}

function isExpected(mark: Mark | undefined, { expected }: BlamedVariable): boolean {
  return typeof mark === 'object' && mark.text === expected
}

/** The last command after which the variable is as it is in the end. */
function blameChange(
  { records, marks, wasThere }: History,
  variable: BlamedVariable,
  evidence: Evidence,
): Cause | undefined {
  const { name } = variable
  const { blocks, files, hasFiles, hasExactLines } = evidence
  const end = marks.at(-1)
  if (end === undefined || end === 'unseen') return undefined
  const isHidden = isExpected(end, variable)
  const before = marks.findLastIndex((mark) => mark !== 'unseen' && !isSame(mark, end, isHidden))
  const next = records[before + 1]
  const record = next !== undefined && isShownDone(next, variable, evidence) ? next : records[before]
  if (record === undefined) return undefined

  const namesIt = ({ command }: TraceRecord): boolean => MAKES_READ_ONLY.test(command) && command.includes(name)
  const isReadOnly = !wasThere && (hasAttribute(end, 'r', 'readonly') || records.some(namesIt))
  const change = isHidden ? 'hides' : end === 'unset' ? 'removes' : isReadOnly ? 'makes-read-only' : 'sets'
  if (!hasFiles) {
    const [only, ...others] = findCommand(record, name, files, blocks)
    if (only === undefined) return undefined
    return others.length === 0 ? { kind: 'set-in', change, ...only, via: [] } : blameMentions([only, ...others])
  }
  const [innermost] = record.route
  const isUnplaced = innermost?.file !== undefined && innermost.line === undefined
  if (isUnplaced) return blameMentions(findMentions(name, [innermost.file], blocks))
  const route = routeOf(record)
  if (route === undefined) return undefined
  if (isInBlock(route, blocks)) {
    const elsewhere = evidence.shows === 'every command' ? [] : findMentions(name, files, blocks)
    return elsewhere.length === 0 ? { kind: 'block-failed', file: route.file } : blameMentions(elsewhere)
  }
  const mayBeWrong =
    !hasExactLines && findCommand(record, name, [route.file], []).every(({ line }) => line !== route.line)
  return mayBeWrong ? blameMentions(findMentions(name, [route.file], blocks)) : { kind: 'set-in', change, ...route }
}

/** The variable is shown as it is after the record's own assignment: in ksh and dash, and where an expansion assigns. */
function isShownDone(record: TraceRecord, { name, index }: BlamedVariable, { hasExactLines }: Evidence): boolean {
  const mark = record.marks[index]
  const assigned = record.command.startsWith(`${name}=`) ? record.command.slice(name.length + 1) : undefined
  if (assigned !== undefined && typeof mark === 'object' && mark.text === markTextOf(assigned)) return true
  // ksh quotes some values.
  if (assigned !== undefined && !hasExactLines) return true
  const route = routeOf(record)
  return route !== undefined && new RegExp(`\\$\\{${name}:?=`).test(textOf(route))
}

const MAKES_READ_ONLY = /^(?:readonly|(?:declare|typeset)\s.*-\w*r)/

function blameMentions(places: readonly Place[]): Cause {
  const [first] = places
  if (first === undefined || places.some(({ file }) => file !== first.file)) return { kind: 'unknown' }
  return { kind: 'in-file', file: first.file, lines: places.map(({ line }) => line) }
}

/** Why the lines that load the values were not run; undefined where they were, or nothing tells. */
function blameUnread(evidence: Evidence): Cause | undefined {
  const { records, errors, blocks, compiled, hasFiles, shows } = evidence
  const [block] = blocks
  if (block === undefined) return undefined
  const isInBlockFile = ({ route }: TraceRecord): boolean => route.some(({ file }) => file === block.file)
  // Its lines are shown as those of the other one.
  if (compiled !== undefined)
    return { kind: 'not-read', file: block.file, because: { kind: 'compiled', file: compiled } }
  if (records.some(({ route }) => route.some((place) => isPlace(place) && isInBlock(place, [block])))) return undefined
  const last = hasFiles ? records.findLast(isInBlockFile) : findReturn(evidence, block)
  const at = last === undefined ? undefined : routeOf(last)
  const command = last === undefined ? undefined : commandName(last.command)
  // It was passed over, or read without a word.
  if (shows === 'most commands' && at?.file === block.file && at.line > block.lastLine) return undefined
  if (at !== undefined && ENDS_A_FILE.has(command ?? '')) return { kind: 'last-line', command, ...at }
  const ofBlockFile = errors.filter(({ file }) => file === block.file)
  const error = ofBlockFile.findLast(({ isSyntax }) => isSyntax) ?? ofBlockFile.at(-1)
  if (error?.isSyntax) return { kind: 'syntax-error', file: error.file, line: error.line }
  if (!hasFiles) return undefined
  // An error in zsh ends the reading of the file, in a line whose command may not have run.
  if (error !== undefined) return { kind: 'last-line', command: undefined, file: error.file, line: error.line, via: [] }
  if (at !== undefined) return { kind: 'last-line', command, ...at }
  return { kind: 'not-read', file: block.file, because: notReadReason(records) }
}

/** For shells that do not report the file: the only `return` before the block, if it is the one that ran. */
function findReturn({ records }: Evidence, block: BlockPlace): TraceRecord | undefined {
  const last = records.findLast(({ command }) => /^return\b/.test(command))
  if (last === undefined) return undefined
  const lines = findWord('return', block.file).filter((line) => line < block.firstLine)
  const [told] = last.route
  const [only, ...others] = told?.line === undefined ? lines : lines.filter((line) => line === told.line)
  if (only === undefined || others.length > 0) return undefined
  return { ...last, route: [{ file: block.file, line: only }] }
}

const ENDS_A_FILE = new Set(['return', 'exit', 'logout', 'bye'])

function notReadReason(records: readonly TraceRecord[]): NotReadReason {
  const switchedOff = records.findLast(({ command }) => /^(?:setopt.*\bno_?rcs|unsetopt.*\brcs)\b/i.test(command))
  const place = switchedOff === undefined ? undefined : routeOf(switchedOff)
  if (place !== undefined) return { kind: 'switched-off', file: place.file, line: place.line }
  const readInstead = records.map((record) => routeOf(record)?.file).findLast((file) => file !== undefined)
  return { kind: 'not-sourced', readInstead }
}

/** From the inside out, without what a command substitution is read from. */
function routeOf({ route }: TraceRecord): Route | undefined {
  const [innermost, ...via] = route.filter(isPlace).filter(({ file }) => !/^\/(?:dev|proc)\//.test(file))
  return innermost === undefined ? undefined : { ...innermost, via }
}

function isSame(one: Mark, other: Mark, alsoExported: boolean): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other
  if (one.text !== other.text) return false
  return !alsoExported || hasAttribute(one, 'x', 'export') === hasAttribute(other, 'x', 'export')
}

/** bash has letters, zsh words; nothing is known in other shells. */
function hasAttribute(mark: Mark, letter: string, word: string): boolean {
  if (typeof mark === 'string') return false
  return mark.attributes.includes('-') ? mark.attributes.split('-').includes(word) : mark.attributes.includes(letter)
}

/**
 * The name of a command, for people: never an argument, nor a word that may be a value which somebody pasted. Of `exec`
 * also what it starts.
 */
function commandName(command: string): string | undefined {
  const [name, program] = commandWords(command)
  if (name === undefined || !PLAIN_WORD.test(name)) return undefined
  return name === 'exec' && program !== undefined && PLAIN_WORD.test(program) ? `exec ${program}` : name
}

const PLAIN_WORD = /^[a-z][a-z\d_.+-]{0,15}$|^\.$/

/** The words of a command that are no options and no assignments before it, without directories. */
function commandWords(command: string): readonly string[] {
  const words = command.split(/\s+/).map((word) => word.replaceAll(/^['"]|['"]$/g, ''))
  const start = words.findIndex((word) => !/^\w+=/.test(word))
  return words
    .slice(Math.max(start, 0))
    .filter((word) => !word.startsWith('-') && !/^\w+=/.test(word))
    .map((word) => (word.startsWith('/') ? word.slice(word.lastIndexOf('/') + 1) : word))
}
