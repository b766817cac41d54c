import { CliError } from '../errors.ts'
import { readFileState, type FileState } from '../files/read.ts'
import type { ProfileRecord } from '../platforms/posix/change/records.ts'
import { Secret } from '../secret.ts'
import { shellPath } from '../shells/posix.ts'
import type { ProfileTarget, Shell } from '../shells/shell.ts'
import type { Step, Variable } from '../store/store.ts'
import { printable } from '../text/printable.ts'
import { blockText, findBlock } from './block.ts'
import { insertBlock } from './edit.ts'
import { blockLines, inProfile, unquote } from './inline-values.ts'
import { readProfile } from './profile-lines.ts'

/** Larger than any profile that a person wrote. */
const MAX_BYTES = 10 * 1024 * 1024
const PRIVATE = 0o600

export interface ProfileRequest {
  readonly shell: Shell
  readonly home: string
  /** The variables that the block sets. */
  readonly variables: readonly Variable[]
  /** The file of a value as the shell is to read it; used unless the values themselves are written. */
  readonly fileOf: (variable: Variable) => string
  /** The values to write into the block itself; undefined for one that is to come. Absent: the block reads files. */
  readonly inline?: ((variable: Variable) => Secret | undefined) | undefined
}

export interface ProfilePlan {
  /** The profile as it was read. */
  readonly state: FileState
  readonly steps: readonly Step[]
  readonly record: ProfileRecord
  /** What keeps new shells from having the values all the same. */
  readonly obstacles: readonly string[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

/** What the block in one profile becomes; no step where it is that already. Undefined where the file is left alone. */
export function planProfile(
  target: ProfileTarget,
  request: ProfileRequest,
  earlier: ProfileRecord | undefined,
): ProfilePlan | undefined {
  const { home, variables, inline } = request
  const shown = printable(shellPath(target.path, home))
  const state = readFileState(target.path)
  if (state.bytes === undefined && target.onlyIfPresent) return undefined
  const current = state.bytes ?? Buffer.alloc(0)
  requireText(current, shown)
  const existing = inProfile(shown, () => findBlock(current))
  const names = variables.map(({ name }) => name)
  const { dialect } = request.shell
  const lines = readProfile(current, names, existing, dialect)

  const kept = existing === undefined ? [] : blockLines(current, existing)
  const isOurs = state.bytes === undefined || (existing !== undefined && earlier?.created === true)
  const handOver = isOurs || target.handOver.every((line) => kept.includes(line)) ? target.handOver : []
  const statements = variables.map((variable) => statement(variable, request))
  const block = blockText([...handOver, ...statements.flatMap(({ text }) => text)])
  const { bytes, start, record } = insertBlock(state.bytes, block, lines.literalExports, earlier, { existing })
  // The next run has to take it too.
  requireText(bytes, shown)

  const mode = inline === undefined ? undefined : PRIVATE
  const modeChanges = mode !== undefined && state.mode !== undefined && (state.mode & 0o077) !== 0
  const blockChanges = existing === undefined || current.toString('utf8', existing.start, existing.end) !== block
  const isSame = state.bytes?.equals(bytes) === true
  const complete = statements.every(({ isComplete }) => isComplete)
  const preview = [
    ...lines.literalExports.map(({ name, line }) => `- export ${name}=…  (line ${line}, comes back with unset)`),
    ...blockPreview(kept, [...handOver, ...statements.flatMap(({ preview }) => preview)], blockChanges),
    ...(modeChanges ? ['+ (readable by you alone)'] : []),
  ]
  return {
    state,
    steps:
      isSame && !modeChanges
        ? []
        : [
            {
              kind: 'write-file',
              path: target.path,
              state,
              bytes: complete ? bytes : undefined,
              mode,
              summary: summaryOf(inline !== undefined),
              preview,
            },
          ],
    record: { ...record, mode: earlier?.mode ?? (modeChanges ? state.mode : undefined) },
    obstacles: [
      ...lines.exits
        .filter((exit) => exit.start < (existing?.start ?? start))
        .map(
          ({ name, line }) => `${shown} says "${name}" in line ${line}, so a shell may never reach the acs-env block.`,
        ),
      ...lines.otherAssignments
        .filter((other) => other.start >= (existing?.end ?? start))
        .map(
          ({ name, line }) => `${shown} sets ${name} again in line ${line}, behind the acs-env block: that value wins.`,
        ),
      ...(lines.openLine === undefined
        ? []
        : [
            `In ${shown} the acs-env block stands inside what begins in line ${lines.openLine}, ` +
              `a quote, a here-document or a compound statement, so a shell may never reach it.`,
          ]),
    ],
    warnings:
      existing === undefined && current.includes('\r\n')
        ? [`${shown} has Windows line endings, which most shells take for part of a value; the block has its own.`]
        : [],
    notes: [
      ...lines.literalExports.map(
        ({ name, line }) =>
          `Line ${line} of ${shown} set ${name}; the block takes its place, and "unset" brings it back.`,
      ),
      ...(modeChanges ? [`${shown} holds the values now and is readable by you alone (mode 600).`] : []),
    ],
  }
}

function summaryOf(isInline: boolean): string {
  return isInline ? 'a block with the values' : 'a block that loads the values'
}

interface Statement {
  readonly text: readonly string[]
  readonly preview: readonly string[]
  readonly isComplete: boolean
}

function statement(variable: Variable, { shell, fileOf, inline }: ProfileRequest): Statement {
  const { name } = variable
  if (inline === undefined) {
    const text = shell.readStatement({ name, file: fileOf(variable) })
    return { text, preview: text, isComplete: true }
  }
  const value = inline(variable)
  return {
    text: [shell.exportStatement(name, value?.reveal() ?? '')],
    preview: [`export ${name}=${value ?? '(a new access token)'}`],
    isComplete: value !== undefined,
  }
}

function blockPreview(before: readonly string[], after: readonly string[], changes: boolean): readonly string[] {
  const masked = before.map((line) =>
    // Whatever stands there, a person may have put it there, and quoted it in another way.
    after.includes(line)
      ? line
      : line.replace(/^(.*?\w=)(?=\S)(?!"\$\w+"$)(.*)$/s, (_, start: string, value: string) => start + mask(value)),
  )
  const lines = [
    ...masked.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !masked.includes(line)).map((line) => `+ ${line}`),
  ]
  // Also where it is the order of the lines that changes, or their endings.
  if (before.length > 0 && (lines.length > 0 || !changes)) return lines
  return blockText(after)
    .trimEnd()
    .split('\n')
    .map((line) => `+ ${line}`)
}

function mask(value: string): string {
  return new Secret(/^'.*'$/s.test(value) ? unquote(value) : value).toString()
}

function requireText(bytes: Buffer, shown: string): void {
  if (bytes.length > MAX_BYTES) {
    throw new CliError(`${shown} is larger than 10 MB, which no profile is.`, {
      code: 'profile',
      hint: 'name the right file with --rc-file',
    })
  }
  const hasMark = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  // The mark alone may be two bytes of any old encoding; in UTF-16 a line ending has a zero in it.
  if (hasMark && bytes.includes(0)) {
    throw new CliError(`${shown} is encoded in UTF-16, which no shell can read.`, {
      code: 'profile',
      hint: 'save it as UTF-8 and run this again',
    })
  }
}
