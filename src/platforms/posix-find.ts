import { distinctFiles } from '../files/replace.ts'
import type { Secret } from '../secret.ts'
import { shellPath } from '../shells/posix.ts'
import { DEFAULT_VARIABLES, type State, type Stored, type ValueKind } from './platform.ts'
import type { PosixPlace } from './posix-place.ts'
import { readValue } from './private-files.ts'
import { readInlineValues } from './profile-plan.ts'
import { readState } from './state.ts'

/**
 * What is stored: in the value files, or else in the block of a profile. Never one value from here and one from there:
 * between the steps of a change they may belong to different resources.
 */
export function findStored(place: PosixPlace): Stored {
  const state = readState(place.directory, place.home)
  const [connectionString, accessToken] = [
    readValue(place.directory, 'connection-string'),
    readValue(place.directory, 'access-token'),
  ]
  if (connectionString !== undefined || accessToken !== undefined) return { connectionString, accessToken, state }
  const inline = new Map(
    blockPaths(place, state)
      .toReversed()
      .flatMap((path) => [...readInlineValues(path, shellPath(path, place.home))]),
  )
  const value = (kind: ValueKind): Secret | undefined =>
    (state.variables ?? DEFAULT_VARIABLES)
      .filter((variable) => variable.value === kind)
      .map(({ name }) => inline.get(name))
      .find((found) => found !== undefined)
  return { connectionString: value('connection-string'), accessToken: value('access-token'), state }
}

/** The profiles that have the block, or may have it; each file once, whatever links lead to it. */
export function blockPaths({ targets }: PosixPlace, { profiles = [] }: State): readonly string[] {
  return distinctFiles([...targets.map(({ path }) => path), ...profiles])
}
