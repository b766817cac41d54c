import { Secret } from '../../secret.ts'
import type { LoginShell } from '../../shells/shell.ts'
import type { ToCome } from '../../store/plan.ts'
import type { Variable } from '../../store/stored.ts'

/** The values to write into a start-up file itself, or the files that it is to read. */
export type ValueSource<Missing extends ToCome = never> =
  | { readonly kind: 'files'; readonly fileOf: (variable: Variable) => string }
  | { readonly kind: 'inline'; readonly valueOf: (variable: Variable) => Secret | Missing | undefined }

/** What sets one variable in a start-up file. */
interface Statement<Missing extends ToCome> {
  readonly text: readonly string[]
  /** The same for people, without a secret. */
  readonly preview: readonly string[]
  readonly missing: Missing | undefined
}

export function statementFor<Missing extends ToCome>(
  variable: Variable,
  shell: LoginShell,
  source: ValueSource<Missing>,
): Statement<Missing> {
  const { name } = variable
  if (source.kind === 'files') {
    const text = shell.readValue(name, source.fileOf(variable))
    return { text, preview: text, missing: undefined }
  }
  const value = source.valueOf(variable)
  const preview = (shown: string): readonly string[] => [
    shell.family === 'posix' ? `export ${name}=${shown}` : shell.assign(name, shown),
  ]
  if (value instanceof Secret) {
    return { text: [shell.assign(name, value.reveal())], preview: preview(value.toString()), missing: undefined }
  }
  return { text: [shell.assign(name, '')], preview: preview('(a new access token)'), missing: value }
}
