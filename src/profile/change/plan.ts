import { CliError } from '../../errors.ts'
import { readFileState, type FileState } from '../../files/read.ts'
import { Secret } from '../../secret.ts'
import { shellPath } from '../../shells/posix-words.ts'
import type { LoginShell } from '../../shells/shell.ts'
import type { Position, Step, ToCome } from '../../store/plan.ts'
import type { Variable } from '../../store/stored.ts'
import { firstSentences } from '../../text/first-sentences.ts'
import { printable } from '../../text/printable.ts'
import { blockText, countLines, requireBlock, type Span } from '../block.ts'
import { blockLines } from '../inline-values.ts'
import { insertBlock, removeBlock, type Placement, type RestoreRecord } from './edit.ts'
import { findLiteralExports } from './literal-exports.ts'
import { makeDirectoriesFor, type MadeDirectories } from './made-directories.ts'
import { findMentions, isMereUse, type Mention } from './mentions.ts'
import type { Parses } from './parser.ts'
import { beginningOf, placeBehind } from './position.ts'
import { statementFor, type ValueSource } from './statements.ts'

/** The files of these shells are in the home, or in a directory that the user has made and named. */
const NO_DIRECTORIES: MadeDirectories = { steps: [], lines: [] }
/** Larger than any profile that a person wrote. */
const MAX_BYTES = 10 * 1024 * 1024
const PRIVATE = 0o600

/** What it takes to give a profile back. */
export interface ProfileRecord extends RestoreRecord {
  /** The permission bits it had; undefined where they were not changed. */
  readonly mode: number | undefined
}

export interface ProfileRequest<Missing extends ToCome = never> {
  readonly path: string
  /** Lines that the block begins or ends with in a file that was made for it. */
  readonly preamble: readonly string[]
  /** `keep`: where the block is, or for a file without one where it belongs. */
  readonly position: Position | 'keep'
  readonly shell: LoginShell
  readonly home: string
  /** The variables that the block sets. */
  readonly variables: readonly Variable[]
  readonly source: ValueSource<Missing>
  readonly parses: Parses
  readonly earlier: ProfileRecord | undefined
}

export interface ProfilePlan<Missing extends ToCome = never> {
  /** The profile as it was read. */
  readonly file: FileState
  readonly steps: readonly Step<Missing>[]
  /** What `unset` needs; a file of our own just goes. */
  readonly record: ProfileRecord | 'not-needed'
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

/** Plans the block in one profile; no step where it stays the same. */
export async function planProfile<Missing extends ToCome = never>(
  request: ProfileRequest<Missing>,
): Promise<ProfilePlan<Missing>> {
  const { path, home, variables, source, earlier, shell } = request
  const shown = printable(shellPath(path, home))
  const file = readFileState(path)
  const current = file.bytes ?? Buffer.alloc(0)
  requireText(current, shown)
  const existing = requireBlock(current, shown)
  const kept = existing === undefined ? [] : blockLines(current, existing)
  const base = baseFor(request, file.bytes, existing)

  const names = variables.map(({ name }) => name)
  const baseBytes = base.bytes ?? Buffer.alloc(0)
  const mentions = findMentions(baseBytes, names, base.block)
  const literals = await findLiteralExports(baseBytes, names, mentions, base.block, request.parses)
  const taken = new Set(literals.map(({ start }) => start))
  const others = mentions.filter(({ start }) => !taken.has(start))
  const placement: Placement =
    base.block === undefined
      ? { kind: 'insert', offset: await placeFor(request, baseBytes, others), isCreated: base.isCreated }
      : { kind: 'replace', block: base.block }

  const oldBlock = existing && current.subarray(existing.start, existing.end)
  const directories = shell.family === 'posix' ? NO_DIRECTORIES : makeDirectoriesFor(file.path, oldBlock, home)
  const handOver = base.isCreated || request.preamble.every((line) => kept.includes(line)) ? request.preamble : []
  const preamble = [...handOver, ...directories.lines]
  const statements = variables.map((variable) => statementFor(variable, shell, source))
  const isFirst = request.position !== 'end' || preamble.length === 0
  const inOrder = (lines: readonly string[]): readonly string[] =>
    // What is exported before another file is read survives an `exec` there.
    isFirst ? [...lines, ...preamble] : [...preamble, ...lines]
  const order = request.position === 'keep' && existing !== undefined ? orderOf(kept, preamble) : inOrder
  const block = blockText(order(statements.flatMap(({ text }) => text)))
  const { bytes, span, record } = insertBlock(base.bytes, block, placement, literals, base.record)
  // The next run has to accept it too.
  requireText(bytes, shown)

  // A profile that only the user can read keeps its mode, even a read-only one, which root can write to.
  const isPrivate = file.mode !== undefined && (file.mode & 0o077) === 0
  const mode = source.kind === 'inline' && !isPrivate ? PRIVATE : undefined
  const modeChanges = mode !== undefined && file.mode !== undefined
  const isSame = file.bytes?.equals(bytes) === true
  const missing = statements.flatMap((entry) => (entry.missing === undefined ? [] : [entry.missing]))
  const [toCome] = missing
  const blockChanges = existing === undefined || current.toString('utf8', existing.start, existing.end) !== block
  const moves = existing !== undefined && base.block === undefined && !isSame
  const lines = [
    ...literals.map(({ name, line }) => `- export ${name}=…  (line ${line}, comes back with unset)`),
    ...blockPreview(
      shell.family === 'posix' ? kept : 'hidden',
      order(statements.flatMap(({ preview }) => preview)),
      blockChanges,
    ),
    ...(moves ? [`+ (the block moves to line ${countLines(bytes)(span.start)})`] : []),
    ...(modeChanges ? ['+ (readable by you alone)'] : []),
  ]
  const summary = source.kind === 'inline' ? 'a block with the values' : 'a block that loads the values'
  return {
    file,
    steps:
      isSame && !modeChanges
        ? []
        : [
            ...directories.steps,
            { kind: 'write', path, file, contents: toCome ?? bytes, mode, shown: { kind: 'shown', summary, lines } },
          ],
    record: { ...record, mode: earlier?.mode ?? (modeChanges ? file.mode : undefined) },
    warnings: [
      ...firstSentences(
        // Those that stay, where and in which line they are now; mostly there is none, and a profile may be large.
        (others.length === 0 ? [] : findMentions(bytes, names, span)).flatMap((mention) =>
          remarkOn(bytes, mention, span, shown),
        ),
        (more) => `${more} more lines of ${shown} name the variables; they stay, too.`,
      ),
      ...(existing === undefined && current.includes('\r\n')
        ? [`${shown} has Windows line endings, which most shells read as part of a value; the block has its own.`]
        : []),
    ],
    notes: [
      ...firstSentences(
        literals.map(
          ({ name, line }) =>
            `Line ${line} of ${shown} set ${name}; the block takes its place, and "unset" brings it back.`,
        ),
        (more) => `The block takes the place of ${more} more lines of ${shown}; "unset" brings them back, too.`,
      ),
      ...(modeChanges ? [`${shown} holds the values now and is readable by you alone (mode 600).`] : []),
    ],
  }
}

/** What the block is put into: the file as it is, or, where the block moves, the file as it was without it. */
interface Base {
  readonly bytes: Buffer | undefined
  readonly block: Span | undefined
  readonly isCreated: boolean
  readonly record: ProfileRecord | undefined
}

function baseFor(
  { position, earlier }: ProfileRequest<ToCome>,
  bytes: Buffer | undefined,
  block: Span | undefined,
): Base {
  const isCreated = bytes === undefined || (block !== undefined && earlier?.created === true)
  if (bytes === undefined || block === undefined || position === 'keep')
    return { bytes, block, isCreated, record: earlier }
  // The lines that gave way return for a moment: where they stood is found anew.
  const restored = removeBlock(bytes, block, earlier)
  return { bytes: restored, block: undefined, isCreated, record: undefined }
}

async function placeFor(
  { position, parses, shell }: ProfileRequest<ToCome>,
  bytes: Buffer,
  mentions: readonly Mention[],
): Promise<number> {
  const last = mentions.at(-1)
  if (position === 'end' || hasFirstStatement(bytes, shell)) return bytes.length
  if (position === 'beginning' || last === undefined) return beginningOf(bytes)
  return (await placeBehind(bytes, last, parses)) ?? beginningOf(bytes)
}

/** Whether a file has a statement before which no other may stand. */
function hasFirstStatement(bytes: Buffer, shell: LoginShell): boolean {
  if (shell.family === 'posix' || shell.comesFirst === 'nothing') return false
  return shell.comesFirst.test(bytes.toString('latin1'))
}

/** The order that a block has already: the preamble first, or last. */
function orderOf(
  kept: readonly string[],
  preamble: readonly string[],
): (lines: readonly string[]) => readonly string[] {
  const [first] = preamble
  const leads = first !== undefined && kept[0] === first
  return (lines) => (leads ? [...preamble, ...lines] : [...lines, ...preamble])
}

/** A remark on a line that stays and names a variable, with its number in the new file. None for a mere use. */
function remarkOn(bytes: Buffer, mention: Mention, block: Span, shown: string): readonly string[] {
  if (isMereUse(bytes, mention)) return []
  const { name, line, start } = mention
  return start < block.start
    ? [`${shown} also names ${name} in line ${line}; that line stays, and the acs-env block behind it comes last.`]
    : [`${shown} names ${name} in line ${line}, behind the acs-env block; that line stays, and may set it again.`]
}

/**
 * @param before the lines that the block has now; `hidden` where it is not known which part of them is secret
 */
function blockPreview(
  before: readonly string[] | 'hidden',
  after: readonly string[],
  changes: boolean,
): readonly string[] {
  if (before === 'hidden') return blockPreview([], after, changes)
  const masked = before.map((line) =>
    // A person may have put it there, and quoted it in another way.
    after.includes(line)
      ? line
      : line.replace(/^(.*?\w=)(?=\S)(?!"\$\w+"$)(.*)$/s, (_, start: string, value: string) => start + mask(value)),
  )
  const lines = [
    ...masked.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !masked.includes(line)).map((line) => `+ ${line}`),
  ]
  // Also where only the order of the lines changes, or their endings.
  if (before.length > 0 && (lines.length > 0 || !changes)) return lines
  return blockText(after)
    .trimEnd()
    .split('\n')
    .map((line) => `+ ${line}`)
}

function mask(value: string): string {
  return new Secret(/^'.*'$/s.test(value) ? value.slice(1, -1).replaceAll(String.raw`'\''`, "'") : value).toString()
}

function requireText(bytes: Buffer, shown: string): void {
  const problem = textProblem(bytes, shown)
  if (problem !== undefined) throw problem
}

/** Why no block can stand in a file with these contents; undefined where one can. */
export function textProblem(bytes: Buffer, shown: string): CliError | undefined {
  if (bytes.length > MAX_BYTES) {
    return new CliError(`${shown} is larger than 10 MB, which no profile is.`, {
      code: 'profile',
      hint: 'name the right file with --rc-file',
    })
  }
  const hasMark = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  // The mark alone may be two bytes of any old encoding; in UTF-16 a line ending has a zero in it.
  if (hasMark && bytes.includes(0)) {
    return new CliError(`${shown} is encoded in UTF-16, which no shell can read.`, {
      code: 'profile',
      hint: 'save it as UTF-8 and run this again',
    })
  }
  return undefined
}
