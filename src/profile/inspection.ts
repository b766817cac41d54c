import { readFileState } from '../files/read.ts'
import { valueFile, type PosixPlace } from '../platforms/posix/place.ts'
import type { Secret } from '../secret.ts'
import { HAND_OVER } from '../shells/bash.ts'
import { shellPath } from '../shells/posix.ts'
import { privateFile } from '../store/own-files.ts'
import type { InspectedVariable, Inspection } from '../store/store.ts'
import { printable } from '../text/printable.ts'
import { findBlock } from './block.ts'
import { inlineValues, inProfile } from './inline-values.ts'
import { readProfile, type ProfileLine } from './profile-lines.ts'

/** What keeps a shell that reads a profile from having the stored values. */
export type ProfileInspection = Required<Pick<Inspection, 'problems' | 'obstacles'>>

/** Looks at one profile. */
export function inspectProfile(
  path: string,
  variables: readonly InspectedVariable[],
  place: PosixPlace,
): ProfileInspection {
  const shown = printable(shellPath(path, place.home))
  const only = (...problems: readonly string[]): ProfileInspection => ({ problems, obstacles: [] })
  const { bytes } = readFileState(path)
  if (bytes === undefined) {
    const isOptional = place.targets.some((target) => target.path === path && target.onlyIfPresent)
    return isOptional ? only() : only(`${shown} does not exist, so new shells load nothing.`)
  }
  const block = inProfile(shown, () => findBlock(bytes))
  if (block === undefined) return only(`${shown} has no acs-env block, so shells that read it load nothing.`)
  const { dialect } = place.shell
  const names = variables.map(({ name }) => name)
  const { literalExports, otherAssignments, exits, openLine } = readProfile(bytes, names, block, dialect)
  const text = bytes.toString('utf8', block.start, block.end)
  const inline = inlineValues(bytes, block)
  const wrong = variables.flatMap((variable) =>
    statementProblems(variable, inline.get(variable.name), text, shown, place),
  )
  const edited =
    wrong.length > 0 || isAsWritten(text, statementsOf(variables, inline, place))
      ? []
      : [`The acs-env block in ${shown} was edited, so new shells may not have the stored values.`]
  const setAgain = (lines: readonly ProfileLine[], advice: string): readonly string[] =>
    lines
      .filter(({ start }) => start >= block.end)
      .map(
        ({ name, line }) =>
          `${shown} sets ${name} again in line ${line}, behind the acs-env block: that value wins${advice}.`,
      )
  return {
    problems: [...wrong, ...edited, ...setAgain(literalExports, '')],
    obstacles: [
      ...(openLine === undefined
        ? []
        : [
            `In ${shown} the acs-env block stands inside what begins in line ${openLine}, ` +
              `so a shell may never reach it; move the block out of it.`,
          ]),
      ...exits
        .filter(({ start }) => start < block.start)
        .map(
          ({ name, line }) =>
            `${shown} says "${name}" in line ${line}, before the acs-env block; take it out, or move the block above it.`,
        ),
      ...setAgain(otherAssignments, '; take that line out'),
    ],
  }
}

function statementProblems(
  { name, value, secret }: InspectedVariable,
  inline: InspectedVariable['secret'],
  block: string,
  shown: string,
  { directory, home }: PosixPlace,
): readonly string[] {
  if (inline !== undefined) {
    return inline.equals(secret) ? [] : [`The block in ${shown} holds another value of ${name} than the stored one.`]
  }
  if (!block.includes(`export ${name}=`)) return [`The block in ${shown} does not set ${name}.`]
  // With its value in an edited statement of its own.
  if (!block.includes(` ${valueFile(value)} `)) return []
  const { path, state } = privateFile(directory, value)
  if (state.bytes === undefined) return [`The block in ${shown} reads ${name} from a file that is not there.`]
  return state.bytes.includes('\r')
    ? [`${printable(shellPath(path, home))} ends with a carriage return, which shells take for a part of ${name}.`]
    : []
}

/** What setup writes into the block for these variables. */
function statementsOf(
  variables: readonly InspectedVariable[],
  inline: ReadonlyMap<string, Secret>,
  { shell }: PosixPlace,
): readonly string[] {
  return variables.flatMap(({ name, value }) => {
    const secret = inline.get(name)
    return secret === undefined
      ? shell.readStatement({ name, file: valueFile(value) })
      : [shell.exportStatement(name, secret.reveal())]
  })
}

/** Whether a block has these statements, perhaps after the hand-over, whatever its layout. */
function isAsWritten(block: string, statements: readonly string[]): boolean {
  const actual = layoutless(block.split('\n'))
  return [statements, [...HAND_OVER, ...statements]].some((lines) => layoutless(lines) === actual)
}

/** Without comments, empty lines and indentation. A CR is a part of its command. */
function layoutless(lines: readonly string[]): string {
  return lines
    .map((line) => line.replace(/^[ \t]+/, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n')
}
