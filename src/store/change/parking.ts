import { join } from 'node:path'
import { removeEmptyDirectories } from '../../files/change/directory.ts'
import { sweepTemporaries } from '../../files/change/replace.ts'
import { withoutFile } from '../../files/read.ts'
import { Secret } from '../../secret.ts'
import {
  goesAway,
  PRIVATE,
  privateFile,
  privateFileStep,
  removalStep,
  valueFileStep,
  type PrivateFile,
} from '../own-files.ts'
import type { Shown, Step, StoreRequest, Switch, ToCome } from '../plan.ts'
import { hasResourcesFolder, parkedEntries, PARKED_FILES, resourceDirectory, resourcesFolder } from '../resources.ts'
import { requireNoLaterState } from '../state.ts'
import { storedValue } from '../stored-token.ts'
import { NO_STATE, type State, type Stored } from '../stored.ts'
import { stateStep } from './state.ts'

const HOUSEKEEPING: Shown = { kind: 'housekeeping' }

/** What a parked resource will hold. */
interface Parked<Missing extends ToCome = never> {
  readonly connectionString: Secret | undefined
  readonly accessToken: Secret | Missing | undefined
  readonly state: State
}

/** The steps of a switch around those that change the current pair. */
export interface SwitchSteps<Missing extends ToCome = never> {
  /** Writes the one that comes, and then the one that goes, to directories of their own. */
  readonly before: readonly Step<Missing>[]
  /** Removes the copy of the one that came. */
  readonly after: readonly Step<Missing>[]
}

/**
 * The one that comes has a whole copy until the state says that it is the current one, and the one that goes has one
 * before its first value is touched: at every moment each key is in one place at least, and the next run can tell which
 * of the two to put in place.
 */
export function switchSteps<Missing extends ToCome>(
  directory: string,
  request: StoreRequest<Missing>,
): SwitchSteps<Missing> {
  const { switch: change, connectionString, accessToken, issued, variables, createdDirectories, remembered } = request
  if (change === undefined) return { before: [], after: [] }
  const coming = {
    connectionString,
    accessToken,
    state: parkedState(change.to, {
      ...NO_STATE,
      issued,
      variables,
      createdDirectories,
      invalidated: remembered.invalidated,
    }),
  }
  const staged = parkSteps<Missing>(directory, change.to, coming, 'staged')
  return {
    before: [...staged, ...leavingSteps(directory, change)],
    after: unparkSteps(directory, change.to, staged),
  }
}

function leavingSteps(directory: string, { from }: Switch): readonly Step[] {
  if (from === undefined) return []
  const { connectionString, accessToken, state } = from.stored
  return parkSteps<never>(
    directory,
    from.name,
    { connectionString, accessToken, state: parkedState(from.name, state) },
    'kept',
  )
}

/** The steps that put these values into the directory of a parked resource: the same order as for the current one. */
export function parkSteps<Missing extends ToCome>(
  directory: string,
  name: string,
  { connectionString, accessToken, state }: Parked<Missing>,
  purpose: 'staged' | 'kept',
): readonly Step<Missing>[] {
  const own = resourceDirectory(directory, name)
  const [keyFile, tokenFile] = [privateFile(own, 'connection-string'), privateFile(own, 'access-token')]
  const shownAs = (what: string, value: Secret | ToCome | undefined): Shown =>
    purpose === 'staged'
      ? HOUSEKEEPING
      : { kind: 'shown', summary: `${what} of ${name}, for "acs-env use ${name}"`, lines: [`+ ${value}`] }
  const isOtherKey =
    connectionString === undefined ? keyFile.state.bytes !== undefined : !holds(keyFile, connectionString)
  // One that stays may be the only value there is.
  const isSameToken = accessToken instanceof Secret && holds(tokenFile, accessToken)
  const tokenGoesFirst = accessToken === undefined || (isOtherKey && !isSameToken)
  return [
    ...(tokenGoesFirst ? removalStep(tokenFile) : []),
    ...(connectionString === undefined
      ? removalStep(keyFile)
      : privateFileStep(keyFile, bytesOf(connectionString), shownAs('the connection string', connectionString))),
    ...(accessToken === undefined
      ? []
      : valueFileStep<Missing>(
          tokenGoesFirst && tokenFile.state.bytes !== undefined
            ? { ...tokenFile, state: withoutFile(tokenFile.state) }
            : tokenFile,
          accessToken instanceof Secret ? bytesOf(accessToken) : accessToken,
          shownAs('the access token', accessToken),
        )),
    ...stateStep(own, state),
  ]
}

/** The steps that remove a parked resource: the token first, so that none is left beside another key. */
export function removeParkedSteps(directory: string, name: string): readonly Step[] {
  const own = resourceDirectory(directory, name)
  requireNoLaterState(own)
  return [
    ...(['access-token', 'connection-string'] as const).flatMap((kind) =>
      removalStep(privateFile(own, kind), goesAway('goes away')),
    ),
    ...removalStep(privateFile(own, 'state.json')),
  ]
}

/** The steps that remove a copy that is not needed any more: without its state, which goes first, it does not count. */
function unparkSteps(directory: string, name: string, staged: readonly Step<ToCome>[]): readonly Step[] {
  const own = resourceDirectory(directory, name)
  return PARKED_FILES.toReversed().flatMap((file): readonly Step[] => {
    const path = join(own, file)
    const now = privateFile(own, file)
    const written = staged.findLast((step) => 'path' in step && step.path === path)
    if (written?.kind === 'remove') return []
    if (written?.kind !== 'write') return removalStep(now, now.state.bytes === undefined ? HOUSEKEEPING : moves(name))
    // What it will hold by then, in case it has to be put back.
    const bytes = typeof written.contents === 'string' ? Buffer.alloc(0) : written.contents
    const shown = now.state.bytes === undefined ? HOUSEKEEPING : moves(name)
    return [{ kind: 'remove', path, file: { ...now.state, bytes, mode: PRIVATE }, link: undefined, shown }]
  })
}

/** The steps that remove what a killed run has left of a copy. */
export function leftoverSteps(directory: string, name: string): readonly Step[] {
  return unparkSteps(directory, name, [])
}

/** Removes what killed runs have left beside parked resources: temporary files, and directories with nothing in them. */
export function tidyParked(directory: string): void {
  if (!hasResourcesFolder(directory)) return
  for (const { name, isDirectory } of parkedEntries(directory)) {
    if (!isDirectory) continue
    const own = resourceDirectory(directory, name)
    sweepTemporaries(PARKED_FILES.map((file) => join(own, file)))
    removeEmptyDirectories([own])
  }
  removeEmptyDirectories([resourcesFolder(directory)])
}

/** What is remembered of a parked resource: without how shells load the values, which belongs to the current one. */
export function parkedState(name: string, { issued, invalidated, variables, createdDirectories }: State): State {
  return { ...NO_STATE, issued, invalidated, variables, createdDirectories, name }
}

/** What a store has to hold so that a copy is the current resource. */
export function requestForCopy(name: string, copy: Stored, current: State): StoreRequest {
  const { connectionString, accessToken, state } = copy
  const { identities, seen } = current
  const createdDirectories = directoriesOf(current, copy.state)
  return {
    connectionString,
    accessToken,
    variables: parkedVariables(copy),
    earlier: current,
    issued: state.issued,
    createdDirectories,
    otherResource: true,
    remembered: { name, identities, invalidated: state.invalidated, seen },
    switch: { to: name, from: undefined },
  }
}

/** Of the current resource, or where there is none those that are remembered beside the one that becomes it. */
export function directoriesOf(current: State, other: State): readonly string[] {
  return current.createdDirectories.length > 0 ? current.createdDirectories : other.createdDirectories
}

/** Where its records are lost, a resource has the variables whose values are there. */
export function parkedVariables(parked: Stored): State['variables'] {
  const { variables } = parked.state
  if (variables !== NO_STATE.variables) return variables
  return variables.filter(({ value }) => storedValue(parked, value) !== undefined)
}

function moves(name: string): Shown {
  return { kind: 'shown', summary: `${name} is the current one`, lines: ['- (moves to the place of the current one)'] }
}

function holds({ state }: PrivateFile, value: Secret): boolean {
  return state.bytes?.equals(bytesOf(value)) === true
}

function bytesOf(value: Secret): Buffer {
  return Buffer.from(value.reveal())
}
