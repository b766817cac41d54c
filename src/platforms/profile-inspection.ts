import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findBlock } from '../files/block.ts'
import { readFileState } from '../files/file-state.ts'
import { readProfile } from '../files/profile-lines.ts'
import { shellPath } from '../shells/posix.ts'
import { printable } from '../text/printable.ts'
import type { InspectedVariable } from './platform.ts'
import { valueFile, type PosixPlace } from './posix-place.ts'
import { inlineValues, inProfile } from './profile-block.ts'

/** What keeps a shell that reads this profile from having the stored values, a sentence each. */
export function inspectProfile(
  path: string,
  variables: readonly InspectedVariable[],
  place: PosixPlace,
): readonly string[] {
  const shown = printable(shellPath(path, place.home))
  const { bytes } = readFileState(path)
  if (bytes === undefined) {
    const isOptional = place.targets.some((target) => target.path === path && target.onlyIfPresent)
    return isOptional ? [] : [`${shown} does not exist, so new shells load nothing.`]
  }
  const block = inProfile(shown, () => findBlock(bytes))
  if (block === undefined) return [`${shown} has no acs-env block, so shells that read it load nothing.`]
  const { dialect } = place.shell
  const names = variables.map(({ name }) => name)
  const { literalExports, otherAssignments, exits, openLine } = readProfile(bytes, names, block, dialect)
  const text = bytes.toString('utf8', block.start, block.end)
  const inline = inlineValues(bytes, block)
  return [
    ...variables.flatMap((variable) => statementProblems(variable, inline.get(variable.name), text, shown, place)),
    ...(openLine === undefined
      ? []
      : [
          `In ${shown} the acs-env block stands inside what begins in line ${openLine}, so a shell may never reach it.`,
        ]),
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

function statementProblems(
  { name, value, secret }: InspectedVariable,
  inline: InspectedVariable['secret'],
  block: string,
  shown: string,
  { directory }: PosixPlace,
): readonly string[] {
  if (inline !== undefined) {
    return inline.equals(secret) ? [] : [`The block in ${shown} holds another value of ${name} than the stored one.`]
  }
  const reads = block.includes(`export ${name}=`) && block.includes(` ${name} < ${valueFile(value)} `)
  if (!reads) return [`The block in ${shown} does not set ${name}.`]
  return existsSync(join(directory, value))
    ? []
    : [`The block in ${shown} reads ${name} from a file that is not there.`]
}
