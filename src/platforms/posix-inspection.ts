import { join } from 'node:path'
import { findBlock } from '../files/block.ts'
import { findProfileLines } from '../files/profile-lines.ts'
import { readFileState } from '../files/replace.ts'
import { shellPath } from '../shells/posix.ts'
import { printable } from '../text/printable.ts'
import { DEFAULT_VARIABLES, type InspectedVariable, type Inspection, type Stored, type Variable } from './platform.ts'
import { blockPaths, findStored } from './posix-find.ts'
import type { PosixPlace } from './posix-place.ts'
import { readValue } from './private-files.ts'
import { readInlineValues, inProfile } from './profile-plan.ts'

/** What a new shell will see, and what keeps it from seeing the stored values. */
export async function inspectPlace(place: PosixPlace): Promise<Inspection> {
  const stored = findStored(place)
  const { state } = stored
  const variables = inspectVariables(place, stored, state.variables ?? DEFAULT_VARIABLES)
  const names = variables.map(({ name }) => name)
  const isStored = variables.some(({ storedIn }) => storedIn.length > 0)
  return {
    variables,
    problems: isStored ? blockPaths(place, state).flatMap((path) => profileProblems(path, names, place)) : [],
  }
}

/** Where each variable's value is. */
export function inspectVariables(
  place: PosixPlace,
  stored: Stored,
  variables: readonly Variable[],
): readonly InspectedVariable[] {
  const inline = blockPaths(place, stored.state).map((path) => ({
    path,
    values: readInlineValues(path, shellPath(path, place.home)),
  }))
  return variables.map((variable) => {
    const file = join(place.directory, variable.value)
    return {
      ...variable,
      storedIn: [
        ...(readValue(place.directory, variable.value) === undefined ? [] : [file]),
        ...inline.filter(({ values }) => values.has(variable.name)).map(({ path }) => path),
      ],
      secret: variable.value === 'connection-string' ? stored.connectionString : stored.accessToken,
    }
  })
}

function profileProblems(path: string, names: readonly string[], { home, targets }: PosixPlace): readonly string[] {
  const shown = printable(shellPath(path, home))
  const { bytes } = readFileState(path)
  if (bytes === undefined) {
    const isOptional = targets.some((target) => target.path === path && target.onlyIfPresent)
    return isOptional ? [] : [`${shown} does not exist, so new shells load nothing.`]
  }
  const block = inProfile(shown, () => findBlock(bytes))
  if (block === undefined) return [`${shown} has no acs-env block, so shells that read it load nothing.`]
  const text = bytes.toString('utf8', block.start, block.end)
  const { literalExports, otherAssignments, exits } = findProfileLines(bytes, names, block)
  return [
    ...names
      .filter((name) => !text.includes(`export ${name}=`))
      .map((name) => `The block in ${shown} does not set ${name}.`),
    ...exits
      .filter(({ start }) => start < block.start)
      .map(({ name, line }) => `${shown} says "${name}" in line ${line}, before the acs-env block.`),
    ...[...literalExports, ...otherAssignments]
      .filter(({ start }) => start >= block.end)
      .map(
        ({ name, line }) => `${shown} sets ${name} again in line ${line}, behind the acs-env block: that value wins.`,
      ),
  ]
}
