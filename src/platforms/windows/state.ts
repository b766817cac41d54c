import { readState as readStateFile } from '../../store/state.ts'
import type { State } from '../../store/stored.ts'
import { isStorableName } from './names.ts'

/** What is remembered, without names of variables that acs-env cannot have stored a value under. */
export function readState(directory: string): State {
  const state = readStateFile(directory)
  return { ...state, variables: state.variables.filter(({ name }) => isStorableName(name)) }
}
