import { CliError } from '../../errors.ts'
import { readFileState } from '../../files/read.ts'
import { shellPath } from '../../shells/posix-words.ts'
import type { LoginShell } from '../../shells/shell.ts'
import { PRIVATE } from '../../store/own-files.ts'
import type { ToCome } from '../../store/plan.ts'
import type { Variable } from '../../store/stored.ts'
import { printable } from '../../text/printable.ts'
import { dropInText, isDropIn } from '../drop-in.ts'
import { makeDirectoriesFor } from './made-directories.ts'
import type { ProfilePlan } from './plan.ts'
import { statementFor, type ValueSource } from './statements.ts'

export interface DropInRequest<Missing extends ToCome = never> {
  readonly path: string
  readonly shell: LoginShell
  readonly home: string
  /** The variables that the file sets. */
  readonly variables: readonly Variable[]
  readonly source: ValueSource<Missing>
}

/** Plans a file of our own; no step where it stays the same. Throws where somebody else's file is in its place. */
export function planDropIn<Missing extends ToCome = never>({
  path,
  shell,
  home,
  variables,
  source,
}: DropInRequest<Missing>): ProfilePlan<Missing> {
  const file = readFileState(path)
  if (file.bytes !== undefined && !isDropIn(file.bytes)) throw foreignFile(printable(shellPath(path, home)))
  const statements = variables.map((variable) => statementFor(variable, shell, source))
  const directories = makeDirectoriesFor(file.path, file.bytes, home)
  const contents = Buffer.from(dropInText([...directories.lines, ...statements.flatMap(({ text }) => text)]))
  const isSame = file.bytes?.equals(contents) === true
  const isPrivate = file.mode !== undefined && (file.mode & 0o077) === 0
  const mode = source.kind === 'inline' && !isPrivate ? PRIVATE : undefined
  const missing = statements.map((statement) => statement.missing).find((each) => each !== undefined)
  // What it has now may be secret, and is not shown.
  const lines = [
    ...(file.bytes === undefined ? [] : ['- (what is in it now)']),
    ...statements.flatMap(({ preview }) => preview.map((line) => `+ ${line}`)),
  ]
  const summary = source.kind === 'inline' ? 'a file with the values' : 'a file that loads the values'
  return {
    file,
    steps:
      isSame && mode === undefined
        ? []
        : [
            ...directories.steps,
            {
              kind: 'write',
              path,
              file,
              contents: missing ?? contents,
              mode,
              shown: { kind: 'shown', summary, lines },
            },
          ],
    record: 'not-needed',
    warnings: [],
    notes: [],
  }
}

function foreignFile(shown: string): CliError {
  return new CliError(`${shown} is not from acs-env.`, {
    code: 'foreign_file',
    hint: 'move it away, or name another file with --rc-file',
  })
}
