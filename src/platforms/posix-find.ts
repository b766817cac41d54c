import type { Secret } from '../secret.ts'
import { shellPath } from '../shells/posix.ts'
import { DEFAULT_VARIABLES, type State, type Stored, type ValueKind } from './platform.ts'
import type { PosixPlace } from './posix-place.ts'
import { readState, readValue } from './private-files.ts'
import { readInlineValues } from './profile-plan.ts'

/** What is stored: in the value files, else in the block of a profile. */
export function findStored(place: PosixPlace): Stored {
  const state = readState(place.directory)
  const inline = new Map(
    blockPaths(place, state)
      .toReversed()
      .flatMap((path) => [...readInlineValues(path, shellPath(path, place.home))]),
  )
  const value = (kind: ValueKind): Secret | undefined => {
    const names = (state.variables ?? DEFAULT_VARIABLES)
      .filter((variable) => variable.value === kind)
      .map(({ name }) => name)
    return (
      readValue(place.directory, kind) ?? names.map((name) => inline.get(name)).find((found) => found !== undefined)
    )
  }
  return { connectionString: value('connection-string'), accessToken: value('access-token'), state }
}

/** The profiles that have the block, or may have it. */
export function blockPaths({ targets }: PosixPlace, { profiles = [] }: State): readonly string[] {
  return [...new Set([...targets.map(({ path }) => path), ...profiles])]
}
