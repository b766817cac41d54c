import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CliError } from '../../errors.ts'
import { isReadable, readFileState, tryReadFileState } from '../../files/read.ts'
import { findBlock, hasMarker } from '../../profile/block.ts'
import { inlineValues } from '../../profile/inline-values.ts'
import { loginShellOf } from '../../shells/index.ts'
import { shellPath } from '../../shells/posix-syntax.ts'
import { readValue } from '../../store/own-files.ts'
import type { InspectedVariable, Inspection } from '../../store/store.ts'
import type { State, Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { exposedToGit, exposureText } from './git.ts'
import { knownProfiles, valueFile, type PosixPlace } from './place.ts'

/**
 * How the stored values stand, by the files alone: what is written into the profiles, and whether they are still as they
 * were written. What a shell makes of them is not judged here.
 */
export async function inspectPlace(place: PosixPlace, stored: Stored, system: System): Promise<Inspection> {
  const { state } = stored
  const variables = inspectVariables(place, stored)
  if (variables.every(({ storedIn }) => storedIn.length === 0)) return { variables, problems: [], obstacles: [] }
  const profiles = state.startup === undefined ? profilesWithBlock(place, state) : state.startup.profiles
  const found = profiles.map((path) => inspectProfile(path, variables, place))
  const isLoaded = profiles.length > 0
  return {
    variables,
    // What is wrong with a value is said once, however many profiles read it.
    problems: [
      ...new Set([
        ...(isLoaded ? [] : ['No profile has the acs-env block, so new shells load nothing.']),
        ...found.flatMap(({ problems }) => problems),
        ...changedShellProblems(state, system),
        ...readableProblems(place, variables),
      ]),
    ],
    obstacles: [...found.flatMap(({ obstacles }) => obstacles), ...(await gitObstacles(place, variables, system))],
  }
}

/** The files that have a value in them, each once. */
function holdersOf(variables: readonly InspectedVariable[]): readonly string[] {
  return [...new Set(variables.flatMap(({ storedIn }) => storedIn))]
}

/** Files with a value in them that git would commit. A profile is the user's own to commit, or not, until git has it. */
async function gitObstacles(
  place: PosixPlace,
  variables: readonly InspectedVariable[],
  system: System,
): Promise<readonly string[]> {
  const { directory, home } = place
  const exposed = await exposedToGit(holdersOf(variables), place, system)
  return exposed
    .filter(({ path, how }) => how === 'tracked' || dirname(path) === directory)
    .map((each) => exposureText(each, home))
}

/** What others can read, or list. A backup or a checkout gives files the usual permissions; the next write takes them. */
function readableProblems({ directory, home }: PosixPlace, variables: readonly InspectedVariable[]): readonly string[] {
  const holders = holdersOf(variables)
  const isFileStore = holders.some((path) => dirname(path) === directory)
  return [...(isFileStore ? [directory] : []), ...holders].flatMap((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0
    if ((mode & 0o077) === 0) return []
    const shown = printable(shellPath(path, home))
    return [`Others may ${path === directory ? 'look into' : 'read'} ${shown} (mode ${(mode & 0o777).toString(8)}).`]
  })
}

/** Where each variable's value is. */
export function inspectVariables(place: PosixPlace, stored: Stored): readonly InspectedVariable[] {
  const inline = knownProfiles(place, stored.state)
    .filter(isReadable)
    .map((path) => ({
      path,
      values: inlineValues(readFileState(path).bytes),
    }))
  return stored.state.variables.map((variable) => {
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

function profilesWithBlock(place: PosixPlace, state: State): readonly string[] {
  return knownProfiles(place, state).filter((path) => isReadable(path) && hasMarker(readFileState(path).bytes))
}

function inspectProfile(
  path: string,
  variables: readonly InspectedVariable[],
  { directory, home }: PosixPlace,
): Pick<Inspection, 'problems' | 'obstacles'> {
  const shown = printable(shellPath(path, home))
  const only = (...problems: readonly string[]): Pick<Inspection, 'problems' | 'obstacles'> => ({
    problems,
    obstacles: [],
  })
  const file = tryReadFileState(path)
  if ('problem' in file) return { problems: [], obstacles: [sentenceOf(file.problem)] }
  const { bytes } = file
  if (bytes === undefined) return only(`${shown} does not exist any more, so new shells load nothing from it.`)
  const found = findBlock(bytes)
  if (found.kind === 'broken') {
    return { problems: [], obstacles: [`${shown}: ${found.problem.replace(/\.$/, '')}; ${found.hint}.`] }
  }
  if (found.kind === 'none') return only(`${shown} has no acs-env block, so shells that read it load nothing.`)
  const block = bytes.toString('utf8', found.span.start, found.span.end)
  const inline = inlineValues(bytes)
  return only(
    ...variables.flatMap(({ name, value, secret }) => {
      const held = inline.get(name)
      if (held !== undefined) {
        return held.equals(secret) ? [] : [`The block in ${shown} holds another value of ${name} than the stored one.`]
      }
      if (!block.includes(name)) return [`The block in ${shown} does not set ${name}.`]
      return block.includes(valueFile(value))
        ? valueFileProblems(name, join(directory, value), shown, home)
        : [`The block in ${shown} sets ${name} in a way of its own, so a refresh does not renew it there.`]
    }),
  )
}

/** What is wrong with a file, and what to do, in one line. */
function sentenceOf({ message, hint }: CliError): string {
  return hint === undefined ? message : `${message.replace(/\.$/, '')}; ${hint}.`
}

function valueFileProblems(name: string, path: string, shown: string, home: string): readonly string[] {
  const { bytes } = readFileState(path)
  if (bytes === undefined) return [`The block in ${shown} reads ${name} from a file that is not there.`]
  return bytes.includes('\r')
    ? [`${printable(shellPath(path, home))} ends with a carriage return, which shells take for a part of ${name}.`]
    : []
}

/** Judged by the account: `$SHELL` is another one in a cron job or a script, and setup may have been given another. */
function changedShellProblems({ startup }: State, { accountShell }: System): readonly string[] {
  if (startup?.accountShell === undefined || startup.rcFile !== undefined) return []
  const now = accountShell()
  if (now === undefined || now === startup.accountShell || loginShellOf(now)?.name === startup.shell) return []
  return [`Your login shell was changed to ${printable(now)} after the setup, and it loads nothing.`]
}
