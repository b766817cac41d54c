import { dirname, join } from 'node:path'
import { CliError } from '../../errors.ts'
import { readFileState } from '../../files/read.ts'
import { hasMarker } from '../../profile/block.ts'
import { readInlineValues } from '../../profile/inline-values.ts'
import { inspectProfile, type ProfileInspection } from '../../profile/inspection.ts'
import { readProfile } from '../../profile/profile-lines.ts'
import type { Secret } from '../../secret.ts'
import { shellOf } from '../../shells/login-shell.ts'
import { shellPath } from '../../shells/posix.ts'
import { readValue } from '../../store/own-files.ts'
import {
  DEFAULT_VARIABLES,
  type InspectedVariable,
  type Inspection,
  type State,
  type Stored,
  type Variable,
} from '../../store/store.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { blockPaths } from './find.ts'
import { mainProfile, type PosixPlace } from './place.ts'

/** What a new shell will see, and what keeps it from seeing the stored values. */
export async function inspectPlace(place: PosixPlace, stored: Stored, system: System): Promise<Inspection> {
  const { state } = stored
  const variables = inspectVariables(place, stored, state.variables ?? DEFAULT_VARIABLES)
  const names = variables.map(({ name }) => name)
  if (variables.every(({ storedIn }) => storedIn.length === 0)) return { variables, problems: [] }
  const looks = [
    ...blockPaths(place, state).map((path) => async () => inspectProfile(path, variables, place)),
    () => inspectUnwritten(place, state, system),
    () => inspectChangedShell(place, state, system),
    async () => ({
      problems: [],
      obstacles: laterProblems(names, place).map((problem) => withAdvice(problem, 'take that line out')),
    }),
  ]
  const found = await Promise.all(looks.map(tolerantly))
  return {
    variables,
    // What is wrong with a value is told once, however many profiles read it.
    problems: [...new Set(found.flatMap(({ problems }) => problems))],
    obstacles: found.flatMap(({ obstacles }) => obstacles),
  }
}

/** Where each variable's value is. */
export function inspectVariables(
  place: PosixPlace,
  stored: Stored,
  variables: readonly Variable[],
): readonly InspectedVariable[] {
  const inline = blockPaths(place, stored.state).map((path) => ({ path, values: tolerantValues(path, place) }))
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

function tolerantValues(path: string, { home }: PosixPlace): ReadonlyMap<string, Secret> {
  try {
    return readInlineValues(path, shellPath(path, home))
  } catch (error) {
    if (error instanceof CliError) return new Map()
    throw error
  }
}

/** What cannot be looked at, such as markers that are no pair, is told, and no reason to say nothing else. */
async function tolerantly(inspect: () => Promise<ProfileInspection>): Promise<ProfileInspection> {
  try {
    return await inspect()
  } catch (error) {
    if (error instanceof CliError) return { problems: [], obstacles: [withAdvice(error.message, error.hint)] }
    throw error
  }
}

function withAdvice(problem: string, advice: string | undefined): string {
  return advice === undefined ? problem : `${problem.replace(/\.$/, '')}; ${advice}.`
}

/** A profile that was made after setup, such as a `~/.bashrc`, or is read since then, does not have the block. */
async function inspectUnwritten(place: PosixPlace, state: State, system: System): Promise<ProfileInspection> {
  const { profiles, rcFile } = state
  // A file of the user's own choice is loaded in a way of their own.
  if (profiles === undefined || rcFile !== undefined) return { problems: [], obstacles: [] }
  const targets = await place.shell.profiles(place.home, system)
  const problems = targets.flatMap(({ path, onlyIfPresent }) => {
    if (profiles.includes(path)) return []
    const { bytes } = readFileState(path)
    const shown = printable(shellPath(path, place.home))
    if (bytes !== undefined)
      return hasMarker(bytes) ? [] : [`${shown} is newer than the setup and has no acs-env block.`]
    // Where a terminal alone sets ZDOTDIR, a cron job sees the home in its place.
    const isGuess = dirname(path) === place.home
    return onlyIfPresent || isGuess ? [] : [`New shells read ${shown} since the setup, which does not exist.`]
  })
  return { problems, obstacles: [] }
}

/** Judged by the account: `$SHELL` is another one in a cron job or a script, and setup may have been told to use another. */
async function inspectChangedShell(
  { accountShell, home }: PosixPlace,
  { profiles, rcFile, accountShell: before }: State,
  system: System,
): Promise<ProfileInspection> {
  const none = { problems: [], obstacles: [] }
  const isOwnChoice = profiles === undefined || rcFile !== undefined
  const now = before === undefined || isOwnChoice ? undefined : accountShell()
  if (now === undefined || now === before) return none
  const shell = shellOf(now)
  const [main] = (await shell?.profiles(home, system)) ?? []
  if (main !== undefined && hasMarker(readFileState(main.path).bytes)) return none
  const told = [`Your login shell was changed to ${printable(now)} after the setup, and it loads nothing.`]
  return shell === undefined ? { ...none, obstacles: told } : { ...none, problems: told }
}

/** A file that is read after the profile and sets a variable too. */
export function laterProblems(names: readonly string[], place: PosixPlace): readonly string[] {
  return place.shell.readAfterwards.flatMap((name) => {
    const path = join(dirname(mainProfile(place)), name)
    const { bytes } = readFileState(path)
    if (bytes === undefined) return []
    const { literalExports, otherAssignments } = readProfile(bytes, names, undefined, place.shell.dialect)
    const shown = printable(shellPath(path, place.home))
    return [...literalExports, ...otherAssignments].map(
      (found) => `${shown} sets ${found.name} in line ${found.line}, after the acs-env block: that value wins.`,
    )
  })
}
