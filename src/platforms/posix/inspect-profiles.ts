import type { CliError } from '../../errors.ts'
import { below } from '../../files/below.ts'
import { readingOnce, type FileState } from '../../files/read.ts'
import { findBlock, hasMarker } from '../../profile/block.ts'
import { inlineValues, readersFor, type Readers } from '../../profile/inline-values.ts'
import { isLoginShellName } from '../../shell-names.ts'
import { shellPath } from '../../shells/posix-words.ts'
import { valueIn } from '../../store/own-files.ts'
import type { InspectedVariable, Inspection } from '../../store/store.ts'
import { storedValue } from '../../store/stored-token.ts'
import type { State, Stored } from '../../store/stored.ts'
import { printable } from '../../text/printable.ts'
import { knownProfiles, valueFile, type PosixPlace } from './place.ts'

/** What the profiles say: which values they hold themselves, and what is wrong with their blocks. */
export async function inspectProfiles(
  place: PosixPlace,
  stored: Stored,
): Promise<Pick<Inspection, 'variables' | 'problems' | 'obstacles'>> {
  const { state } = stored
  const read = readingOnce()
  const variables = await inspectVariables(place, stored, read)
  const profiles = state.startup === undefined ? profilesWithBlock(place, state, read) : state.startup.profiles
  const readers = await readersFor(profiles)
  const found = profiles.map((path) => inspectProfile(path, variables, readers, place, read))
  // Nothing loads the values into a shell that is not known: only its user can change that, and was told so by setup.
  const isUnknownShell = state.startup !== undefined && !isLoginShellName(state.startup.shell)
  const isLoaded = profiles.length > 0 || isUnknownShell
  return {
    variables,
    problems: [
      ...(isLoaded ? [] : ['No profile has the acs-env block, so new shells load nothing.']),
      ...found.flatMap(({ problems }) => problems),
    ],
    obstacles: found.flatMap(({ obstacles }) => obstacles),
  }
}

/** Where each variable's value is. */
export async function inspectVariables(
  place: PosixPlace,
  stored: Stored,
  read: Read = readingOnce(),
): Promise<readonly InspectedVariable[]> {
  const profiles = knownProfiles(place, stored.state).flatMap((path) => {
    const file = stateOf(read(path))
    return file?.bytes === undefined ? [] : [{ path, bytes: file.bytes }]
  })
  const readers = await readersFor(profiles.map(({ path }) => path))
  const inline = profiles.map(({ path, bytes }) => ({ path, values: inlineValues(bytes, readers) }))
  const isHeld = (path: string): boolean => {
    const file = read(path)
    if ('problem' in file) throw file.problem
    return valueIn(file) !== undefined
  }
  return stored.state.variables.map((variable) => {
    const file = below(place.directory, variable.value)
    return {
      ...variable,
      storedIn: [
        ...(isHeld(file) ? [file] : []),
        ...inline.filter(({ values }) => values.has(variable.name)).map(({ path }) => path),
      ],
      secret: storedValue(stored, variable.value),
    }
  })
}

type Read = ReturnType<typeof readingOnce>

/** What was read; undefined for what cannot be. */
function stateOf(file: ReturnType<Read>): FileState | undefined {
  return 'problem' in file ? undefined : file
}

function profilesWithBlock(place: PosixPlace, state: State, read: Read): readonly string[] {
  return knownProfiles(place, state).filter((path) => hasMarker(stateOf(read(path))?.bytes))
}

function inspectProfile(
  path: string,
  variables: readonly InspectedVariable[],
  readers: Readers,
  { directory, home }: PosixPlace,
  read: Read,
): Pick<Inspection, 'problems' | 'obstacles'> {
  const shown = printable(shellPath(path, home))
  const only = (...problems: readonly string[]): Pick<Inspection, 'problems' | 'obstacles'> => ({
    problems,
    obstacles: [],
  })
  const file = read(path)
  if ('problem' in file) return { problems: [], obstacles: [sentenceOf(file.problem)] }
  const { bytes } = file
  if (bytes === undefined) return only(`${shown} does not exist any more, so new shells load nothing from it.`)
  const found = findBlock(bytes)
  if (found.kind === 'broken') {
    return { problems: [], obstacles: [`${shown}: ${found.problem.replace(/\.$/, '')}; ${found.hint}.`] }
  }
  if (found.kind === 'none') return only(`${shown} has no acs-env block, so shells that read it load nothing.`)
  const block = bytes.toString('utf8', found.span.start, found.span.end)
  const inline = inlineValues(bytes, readers)
  return only(
    ...variables.flatMap(({ name, value, secret }) => {
      const held = inline.get(name)
      if (held !== undefined) {
        return held.equals(secret) ? [] : [`The block in ${shown} holds another value of ${name} than the stored one.`]
      }
      if (!block.includes(name)) return [`The block in ${shown} does not set ${name}.`]
      return block.includes(valueFile(value))
        ? valueFileProblems(name, read(below(directory, value)), shown, home)
        : [`The block in ${shown} sets ${name} in a way of its own, so a refresh does not renew it there.`]
    }),
  )
}

/** What is wrong with a file, and what to do, in one line. */
function sentenceOf({ message, hint }: CliError): string {
  return hint === undefined ? message : `${message.replace(/\.$/, '')}; ${hint}.`
}

function valueFileProblems(name: string, file: ReturnType<Read>, shown: string, home: string): readonly string[] {
  if ('problem' in file) return [sentenceOf(file.problem)]
  if (file.bytes === undefined) return [`The block in ${shown} reads ${name} from a file that is not there.`]
  return file.bytes.includes('\r')
    ? [
        `${printable(shellPath(file.givenPath, home))} ends with a carriage return, which shells take for a part of ${name}.`,
      ]
    : []
}
