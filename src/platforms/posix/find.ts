import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { below } from '../../files/below.ts'
import { distinctFiles, followLinks, isReadable, readFileState } from '../../files/read.ts'
import { inlineValues, readersFor } from '../../profile/inline-values.ts'
import type { Secret } from '../../secret.ts'
import { readValue } from '../../store/own-files.ts'
import {
  hasResourcesFolder,
  PARKED_FILES,
  parkedEntries,
  resourceDirectory,
  resourcesFolder,
} from '../../store/resources.ts'
import { isSameStored } from '../../store/same-stored.ts'
import { readState } from '../../store/state.ts'
import type { StartupWish } from '../../store/store.ts'
import type { Stored, ValueKind } from '../../store/stored.ts'
import { knownProfiles, type PosixPlace } from './place.ts'

/** Writers hold a lock, so that there is never a stream of changes. */
const MAX_READS = 10
const VALUE_KINDS: readonly ValueKind[] = ['connection-string', 'access-token']

/**
 * What is stored: in the value files, or else in the block of a profile. Never one value from here and one from there:
 * between the steps of a change they may belong to different resources.
 */
export async function findStored(place: PosixPlace): Promise<Stored> {
  // Another run may write between two of our reads: only what is the same twice belongs together.
  let previous = await readOnce(place)
  for (let attempt = 0; attempt < MAX_READS; attempt += 1) {
    const again = await readOnce(place)
    if (isSameStored(previous, again)) return again
    previous = again
  }
  return previous
}

async function readOnce(place: PosixPlace): Promise<Stored> {
  const state = readState(place.directory, place.home)
  const [connectionString, accessToken] = [
    readValue(place.directory, 'connection-string'),
    readValue(place.directory, 'access-token'),
  ]
  if (connectionString !== undefined || accessToken !== undefined) return { connectionString, accessToken, state }
  const profiles = distinctFiles(knownProfiles(place, state).filter((path) => existsSync(path) && isReadable(path)))
  const readers = await readersFor(profiles)
  const inline = new Map(profiles.toReversed().flatMap((path) => [...inlineValues(readFileState(path).bytes, readers)]))
  const value = (kind: ValueKind): Secret | undefined =>
    state.variables
      .filter((variable) => variable.value === kind)
      .map(({ name }) => inline.get(name))
      .find((found) => found !== undefined)
  return { connectionString: value('connection-string'), accessToken: value('access-token'), state }
}

/** How new shells get the values now, in the form in which setup is asked for it. */
export async function rememberedWish(place: PosixPlace): Promise<StartupWish> {
  const state = readState(place.directory, place.home)
  const { startup } = state
  const hasFiles = VALUE_KINDS.some((kind) => readValue(place.directory, kind) !== undefined)
  const profiles = knownProfiles(place, state).filter(isReadable)
  const readers = await readersFor(profiles)
  const inline = profiles.some((path) => inlineValues(readFileState(path).bytes, readers).size > 0)
  return {
    shell: startup?.rcFile === undefined ? startup?.shell : undefined,
    rcFile: startup?.rcFile,
    inline: !hasFiles && inline,
  }
}

/** Every file that is ever written to, by its real path. */
export function ownFiles(place: PosixPlace): readonly string[] {
  const profiles = knownProfiles(place, readState(place.directory, place.home)).filter(isReadable).map(followLinks)
  return [...ownPaths(place.directory), ...profiles]
}

function ownPaths(directory: string): readonly string[] {
  const names = [...VALUE_KINDS, 'endpoint', 'state.json', 'restore.json', 'restore-dotenv.json', '.gitignore']
  return names.map((name) => below(directory, name))
}

/** The files of our own, and the directories of parked resources with theirs. */
export function privatePaths(directory: string): readonly string[] {
  return [...ownPaths(directory), ...parkedPaths(directory)]
}

function parkedPaths(directory: string): readonly string[] {
  if (!hasResourcesFolder(directory)) return []
  const own = parkedEntries(directory).flatMap(({ name, isDirectory }) => {
    const folder = resourceDirectory(directory, name)
    return [folder, ...(isDirectory ? PARKED_FILES.map((file) => join(folder, file)) : [])]
  })
  return [resourcesFolder(directory), ...own]
}
