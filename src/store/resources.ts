import { existsSync, lstatSync, readdirSync, type Stats } from 'node:fs'
import { systemCode, type CliError } from '../errors.ts'
import { below } from '../files/below.ts'
import { fileError } from '../files/file-error.ts'
import { tryReadFileState } from '../files/read.ts'
import type { Secret } from '../secret.ts'
import { findResourceName, isResourceName } from '../values/resource-name.ts'
import { readValue } from './own-files.ts'
import { isSameSecret, isSameStored } from './same-stored.ts'
import { readState } from './state.ts'
import { storedValue } from './stored-token.ts'
import type { Stored, ValueKind } from './stored.ts'

/** What the first resource is called until somebody names it. */
export const FIRST_NAME = 'default'
/** The files of a resource that is parked. `state.json` is written last and removed first: with it the copy is whole. */
export const PARKED_FILES = ['connection-string', 'access-token', 'state.json'] as const

const FOLDER = 'resources'
const KINDS: readonly ValueKind[] = ['connection-string', 'access-token']
/** Writers hold a lock, so that there is never a stream of changes. */
const MAX_READS = 10

/** The directory of all parked resources. @param directory the private one of the store */
export function resourcesFolder(directory: string): string {
  return below(directory, FOLDER)
}

/** The directory of one. */
export function resourceDirectory(directory: string, name: string): string {
  return below(resourcesFolder(directory), name)
}

/** Whether anything is in the place of parked resources, a link too: one call, and mostly there is nothing. */
export function hasResourcesFolder(directory: string): boolean {
  return folderStats(directory) !== undefined
}

function folderStats(directory: string): Stats | undefined {
  try {
    return lstatSync(resourcesFolder(directory), { throwIfNoEntry: false })
  } catch (error) {
    // Our own directory is something else by now.
    if (systemCode(error) === 'ENOTDIR') return undefined
    throw fileError('read', resourcesFolder(directory), error)
  }
}

/** The names of everything that is in the place of a parked resource; what is a link, or a file, is not to be trusted. */
export function parkedEntries(directory: string): readonly { readonly name: string; readonly isDirectory: boolean }[] {
  // Behind a link is nothing of ours.
  if (folderStats(directory)?.isDirectory() !== true) return []
  try {
    return readdirSync(resourcesFolder(directory), { withFileTypes: true })
      .filter(({ name }) => isResourceName(name))
      .map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }))
      .toSorted((one, other) => (one.name < other.name ? -1 : 1))
  } catch (error) {
    // Another run has removed the last one.
    if (systemCode(error) === 'ENOENT') return []
    throw fileError('read', resourcesFolder(directory), error)
  }
}

/** The names of the parked resources, the current one left out. */
export function parkedNames(directory: string, found: Stored): readonly string[] {
  const names = parkedEntries(directory).flatMap(({ name, isDirectory }) =>
    // One with nothing in it is what a killed run has left.
    isDirectory && PARKED_FILES.some((file) => existsSync(below(resourceDirectory(directory, name), file)))
      ? [name]
      : [],
  )
  if (names.length === 0 || !hasCurrent(found)) return names
  const current = currentName(directory, found)
  return names.filter((name) => name !== current)
}

/** Every name, the current one first. */
export function resourceNames(directory: string, found: Stored): readonly string[] {
  const parked = parkedNames(directory, found)
  return hasCurrent(found) ? [currentName(directory, found), ...parked] : parked
}

/** Whether there is a current resource, or the rest of one that is half removed. */
export function hasCurrent({ connectionString, accessToken, state: { name, startup } }: Stored): boolean {
  return [connectionString, accessToken, name, startup].some((value) => value !== undefined)
}

/** What the current resource is called. Differs from the remembered name where a parked resource has that one. */
export function currentName(directory: string, found: Stored): string {
  const name = found.state.name ?? FIRST_NAME
  if (!existsSync(resourceDirectory(directory, name)) || brokenSwitch(directory, found) !== undefined) return name
  return freeName(directory, name)
}

/** A name like this one that no parked resource has. */
export function freeName(directory: string, name: string): string {
  const taken = parkedEntries(directory).map((entry) => entry.name)
  for (let number = 2; ; number += 1) {
    const free = `${name.slice(0, 56)}-${number}`
    if (findResourceName(free, taken) === undefined) return free
  }
}

/** A parked resource; nothing where there is none. */
export function readParked(directory: string, name: string): Stored {
  const own = resourceDirectory(directory, name)
  const once = (): Stored => ({
    connectionString: readValue(own, 'connection-string'),
    accessToken: readValue(own, 'access-token'),
    state: readState(own),
  })
  // Another run may write between two of our reads: only what is the same twice belongs together.
  let previous = once()
  for (let attempt = 0; attempt < MAX_READS; attempt += 1) {
    const again = once()
    if (isSameStored(previous, again)) return again
    previous = again
  }
  return previous
}

/** The same where it can be read, and why not where something else is in the place of its files. */
export function tryReadParked(directory: string, name: string): Stored | { readonly problem: CliError } {
  for (const file of PARKED_FILES) {
    const state = tryReadFileState(below(resourceDirectory(directory, name), file))
    if ('problem' in state) return state
  }
  return readParked(directory, name)
}

/** What a run that was killed while it changed the current resource has left. */
export type BrokenSwitch =
  /** The whole copy of the one that is, or becomes, the current: to be put in place (again). */
  | { readonly kind: 'unfinished'; readonly name: string; readonly copy: Stored }
  /** A part of a copy, with no value that is nowhere else: to be removed. */
  | { readonly kind: 'leftover'; readonly name: string }

/**
 * Finds out whether a change of the current resource broke off: only then the current one has a copy among the parked.
 * The current values are overwritten only where each of them is in one of the copies, so that records that are lost,
 * forged or from a backup cost no key.
 */
export function brokenSwitch(directory: string, found: Stored): BrokenSwitch | undefined {
  const isRemembered = existsSync(below(directory, 'state.json'))
  const name = isRemembered ? (found.state.name ?? FIRST_NAME) : nameByValues(directory, found)
  if (name === undefined || !existsSync(resourceDirectory(directory, name))) return undefined
  const copy = tryReadParked(directory, name)
  if ('problem' in copy) return undefined
  if (!isWhole(directory, name)) {
    return KINDS.every((kind) => isAbsentOr(storedValue(copy, kind), storedValue(found, kind)))
      ? { kind: 'leftover', name }
      : undefined
  }
  const copies = readableCopies(directory)
  const isCopied = KINDS.every((kind) =>
    copies.some((other) => isAbsentOr(storedValue(found, kind), storedValue(other, kind))),
  )
  return isCopied ? { kind: 'unfinished', name, copy } : undefined
}

/** For a change from no current resource, of which nothing is remembered yet: the copy with the values in place. */
function nameByValues(directory: string, found: Stored): string | undefined {
  const { connectionString, accessToken } = found
  const hasValues = connectionString !== undefined || accessToken !== undefined
  if (!hasValues) return undefined
  return parkedEntries(directory).find(({ name, isDirectory }) => {
    const copy = isDirectory && isWhole(directory, name) ? tryReadParked(directory, name) : undefined
    return (
      copy !== undefined &&
      !('problem' in copy) &&
      KINDS.every((kind) => isAbsentOr(storedValue(found, kind), storedValue(copy, kind)))
    )
  })?.name
}

function readableCopies(directory: string): readonly Stored[] {
  return parkedEntries(directory).flatMap(({ name, isDirectory }) => {
    const copy = isDirectory ? tryReadParked(directory, name) : undefined
    return copy === undefined || 'problem' in copy ? [] : [copy]
  })
}

function isWhole(directory: string, name: string): boolean {
  return existsSync(below(resourceDirectory(directory, name), 'state.json'))
}

function isAbsentOr(value: Secret | undefined, other: Secret | undefined): boolean {
  return value === undefined || isSameSecret(value, other)
}
