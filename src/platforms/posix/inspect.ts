import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { below } from '../../files/below.ts'
import { loginShellNameOf } from '../../shell-names.ts'
import { shellPath } from '../../shells/posix-words.ts'
import { changedSince, isAsMarked } from '../../store/seen.ts'
import type { InspectedVariable, Inspection } from '../../store/store.ts'
import { storedValue } from '../../store/stored-token.ts'
import type { State, Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { exposedToGit, exposureText } from './git.ts'
import { inspectProfiles } from './inspect-profiles.ts'
import type { PosixPlace } from './place.ts'

/**
 * How the stored values stand, by the files alone: what is written into the profiles, and whether they are still as they
 * were written. What a shell makes of them is not judged here.
 */
export async function inspectPlace(place: PosixPlace, stored: Stored, system: System): Promise<Inspection> {
  const seen = asSeen(place, stored)
  const { variables, problems, obstacles } =
    seen === undefined ? await inspectProfiles(place, stored) : { variables: seen, problems: [], obstacles: [] }
  if (variables.every(({ storedIn }) => storedIn.length === 0))
    return { variables, problems: [], obstacles: [], dotenv: [] }
  return {
    variables,
    // What is wrong with a value is said once, however many profiles read it.
    problems: [
      ...new Set([...problems, ...changedShellProblems(stored.state, system), ...readableProblems(place, variables)]),
    ],
    obstacles: [...obstacles, ...(await gitObstacles(place, variables, system))],
    dotenv: [],
  }
}

/**
 * Where the values are if new shells were seen to have them, and every file that made it so is as it was then: the
 * profiles need not be read again. Undefined where they have to be.
 */
function asSeen({ directory }: PosixPlace, stored: Stored): readonly InspectedVariable[] | undefined {
  const { seen, startup, variables } = stored.state
  if (seen?.outcome !== 'seen' || startup === undefined || startup.isInline) return undefined
  const marked = new Set(seen.files.flatMap(({ path, size }) => (size === undefined ? [] : [path])))
  // Rights may have been taken away, which changes none of the marks.
  const isWhole = startup.profiles.length > 0 && startup.profiles.every((path) => marked.has(path) && mayRead(path))
  if (!isWhole || changedSince(seen).length > 0) return undefined
  const inFiles = variables.flatMap((variable) => {
    // Nobody has read it: what is known of the endpoint comes from the connection string.
    if (variable.value === 'endpoint') return []
    const path = below(directory, variable.value)
    const secret = storedValue(stored, variable.value)
    const size = statSync(path, { throwIfNoEntry: false })?.size
    // With a line ending there would be more, and a shell may take some of that for a part of the value.
    const isAlone = secret !== undefined && size === Buffer.byteLength(secret.reveal())
    return isAlone ? [{ ...variable, storedIn: [path], secret }] : []
  })
  return inFiles.length === variables.length ? inFiles : undefined
}

function mayRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK)
    return true
  } catch {
    return false
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

/**
 * What others can read, or list. A backup or a checkout gives files the usual permissions; the next write makes them
 * private again.
 */
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

/** Judged by the account: `$SHELL` is another one in a cron job or a script, and setup may have been given another. */
function changedShellProblems({ startup }: State, { accountShell }: System): readonly string[] {
  if (startup?.accountShell === undefined || startup.rcFile !== undefined) return []
  // To ask takes longer than to see that the answer cannot have changed.
  if (startup.accountsFile !== undefined && isAsMarked(startup.accountsFile)) return []
  const now = accountShell()
  if (now === undefined || now === startup.accountShell || loginShellNameOf(now) === startup.shell) return []
  return [`Your login shell was changed to ${printable(now)} after the setup, and it loads nothing.`]
}
