import { existsSync, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../../../errors.ts'
import { certain, distinctFiles, readingOnce, type FileState, type UnreadableFile } from '../../../files/read.ts'
import { hasMarker, requireBlock, type Span } from '../../../profile/block.ts'
import { removeBlock, supersededLines, type RestoreRecord } from '../../../profile/change/edit.ts'
import { removeDirectoriesOf } from '../../../profile/change/made-directories.ts'
import { findMentions, isMereUse } from '../../../profile/change/mentions.ts'
import { isDropIn } from '../../../profile/drop-in.ts'
import { readersFor, readStatement, type Readers } from '../../../profile/inline-values.ts'
import { Secret } from '../../../secret.ts'
import { HAND_OVER } from '../../../shells/bash.ts'
import { shellPath } from '../../../shells/posix-words.ts'
import { gitignoreRemovalStep } from '../../../store/change/gitignore.ts'
import { STORE_NOTES } from '../../../store/change/notes.ts'
import { requireWritable } from '../../../store/change/perform.ts'
import { goesAway, privateFile, readValue, removalStep } from '../../../store/own-files.ts'
import type { Plan, Shown, Step } from '../../../store/plan.ts'
import { hasResourcesFolder } from '../../../store/resources.ts'
import { requireNoLaterState, stateFile } from '../../../store/state.ts'
import { digestOf, storedConnectionString } from '../../../store/stored-token.ts'
import type { Stored } from '../../../store/stored.ts'
import type { System } from '../../../system/system.ts'
import { firstSentences } from '../../../text/first-sentences.ts'
import { printable } from '../../../text/printable.ts'
import { isMistake, readStoredConnectionString } from '../../../values/connection-string.ts'
import { findAccessToken } from '../../../values/pasted/access-token-in-text.ts'
import { findConnectionString } from '../../../values/pasted/connection-string-in-text.ts'
import { findStored } from '../find.ts'
import { requireSafePlace, requireSafeProfile, trustedMode } from '../guard.ts'
import { inspectVariables } from '../inspect-profiles.ts'
import { knownProfiles, type PosixPlace } from '../place.ts'
import { keyOf, readRestoreRecords, recordsFile, type RestoreRecords } from './records.ts'
import { universalVariableNotes } from './universal-variables.ts'

/** What has to change for every file to be as it was before setup. */
export async function planRemoval(place: PosixPlace, system: System): Promise<Plan> {
  const { directory, home } = place
  requireNoLaterState(directory, home)
  requireSafePlace(place, system, 'removes')
  const found = await findStored(place)
  const records = readRestoreRecords(directory, home)
  const known = [...knownProfiles(place, found.state), ...records.keys()]
  const read = readingOnce()
  const skipped = known.flatMap((path) => leftAlone(path, certain(read(path)), found, records))
  const stateOf = (path: string): readonly FileState[] => {
    const file = read(path)
    return 'problem' in file ? [] : [file]
  }
  const paths = distinctFiles(known.filter((path) => stateOf(path).length > 0))
  const readers = await readersFor(paths)
  const profiles = paths.flatMap(stateOf).map((file) => removeFrom(file, records, found, readers, place))
  // A profile that is gone cannot be given its lines back; they stay where they are kept.
  const lost = [...records]
    .filter(([path, { replaced }]) => replaced.length > 0 && !stateOf(path).some(({ bytes }) => bytes !== undefined))
    .map(([path]) => path)
  requireOwnDirectory(place, found)
  const steps = [
    // The token first: at every moment the pair is whole or without a token.
    ...removalStep(privateFile(directory, 'access-token'), goesAway('goes away')),
    ...profiles.flatMap((profile) => profile.steps),
    ...removalStep(privateFile(directory, 'connection-string'), goesAway('goes away')),
    ...removalStep(privateFile(directory, 'endpoint'), goesAway('goes away')),
    ...removalStep(stateFile(directory)),
    ...(lost.length === 0 ? removalStep(recordsFile(directory)) : []),
    ...(lost.length > 0 || keepsIgnore(directory) ? [] : gitignoreRemovalStep(directory)),
  ]
  requireWritable(steps, directory)
  const variables = await inspectVariables(place, found)
  const keptIn = shellPath(join(directory, STORE_NOTES), home)
  return {
    steps,
    places: variables.flatMap(({ name, storedIn }) => storedIn.map((where) => ({ name, where }))),
    warnings: [
      ...new Set(skipped),
      ...lost.map(
        (path) =>
          `${shellPath(path, home)} does not exist any more; the line that acs-env took over from it stays in ${keptIn}.`,
      ),
      ...profiles.flatMap(({ warnings }) => warnings),
      ...linkWarnings(steps, home),
    ],
    notes: [
      ...profiles.flatMap(({ notes }) => notes),
      ...(await universalVariableNotes(paths, variables, place, system)),
    ],
  }
}

/**
 * Whether the `.gitignore` stays: it also covers parked resources, and in a linked directory it may be the user's own.
 */
function keepsIgnore(directory: string): boolean {
  return hasResourcesFolder(directory) || (stateFile(directory).state.bytes === undefined && isLink(directory))
}

/**
 * A warning for a profile that cannot be read. One that acs-env has written to still has the block: that is an error,
 * unless it is not a file any more.
 */
function leftAlone(
  path: string,
  file: FileState | UnreadableFile,
  { state: { startup } }: Stored,
  records: RestoreRecords,
): readonly string[] {
  if (!('problem' in file)) return []
  const isWritten = startup?.profiles.includes(path) === true || records.has(path)
  if (isWritten && file.why !== 'no-file') throw file.problem
  return [`${file.problem.message} It is left as it is.`]
}

/** What is in a linked directory is the user's own, unless the state knows the values in it. */
function requireOwnDirectory({ directory, home }: PosixPlace, found: Stored): void {
  if (!isLink(directory)) return
  const {
    accessToken,
    state: { issued },
  } = found
  const read = storedConnectionString(found)
  const isTokenOurs = accessToken === undefined || digestOf(accessToken) === issued.tokenDigest
  const isConnectionStringOurs = read === undefined || (!isMistake(read) && read.endpoint === issued.endpoint)
  if (isTokenOurs && isConnectionStringOurs) return
  const shown = printable(shellPath(directory, home))
  throw new CliError(`${shown} is a symbolic link, and nothing says that acs-env wrote what it leads to.`, {
    code: 'unsafe',
    hint: 'delete the link, which leaves the files behind it alone, and run this again',
  })
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true
}

function linkWarnings(steps: readonly Step[], home: string): readonly string[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'remove' || step.link === undefined) return []
    const [link, file] = [step.path, step.file.path].map((path) => printable(shellPath(path, home)))
    return [`${link} is a symbolic link and goes; ${file}, where it leads to, stays.`]
  })
}

function removeFrom(
  file: FileState,
  records: RestoreRecords,
  found: Stored,
  readers: Readers,
  place: PosixPlace,
): Pick<Plan, 'steps' | 'warnings' | 'notes'> {
  const { directory, home } = place
  const { givenPath: path, bytes } = file
  if (bytes === undefined) return { steps: [], warnings: [], notes: [] }
  const name = printable(shellPath(path, home))
  const isInline = (['connection-string', 'access-token'] as const).every(
    (kind) => readValue(directory, kind) === undefined,
  )
  const directories = hasMarker(bytes) ? removeDirectoriesOf(file.path, bytes, home) : []
  if (isDropIn(bytes)) {
    requireSafeProfile(path, file, place, false)
    return {
      steps: [{ kind: 'remove', path, file, link: undefined, shown: goesAway('goes away') }, ...directories],
      warnings: [],
      notes: [],
    }
  }
  const block = requireBlock(bytes, name)
  const record = records.get(keyOf(records, path))
  const superseded = supersededLines(bytes, block, record)
  const restored = removeBlock(bytes, block, madeForBlock(bytes, block, record), remainderOf(bytes, home))
  if (restored !== undefined && isInline) requireNothingLeft(restored, name, record, found, readers)
  const left = restored !== undefined && isInline ? valuesLeft(restored, record, found) : []
  const notes = restored === undefined ? [] : remainingNotes(restored, name, record, found, left)
  const warnings = [
    ...(superseded.length === 0
      ? []
      : [`${name} sets anew what acs-env took over from it; the older line does not return.`]),
    ...left.map(({ line, what }) => `line ${line} of ${name} still has the stored ${what}; delete it there.`),
  ]
  if (restored?.equals(bytes) !== true) requireSafeProfile(path, file, place, false)
  if (restored?.equals(bytes)) return { steps: [], warnings, notes }
  if (restored === undefined) {
    return {
      steps: [
        { kind: 'remove', path, file, link: undefined, shown: goesAway('goes away, nothing else is in it') },
        ...directories,
      ],
      warnings,
      notes,
    }
  }
  const lines = [
    ...(block === undefined ? [] : ['- the block']),
    ...((record?.replaced.length ?? 0) > superseded.length ? ['+ your own export returns'] : []),
  ]
  const summary = block === undefined ? 'with your own export' : 'without the block'
  const shown: Shown = { kind: 'shown', summary, lines }
  return {
    steps: [
      { kind: 'write', path, file, contents: restored, mode: trustedMode(record?.mode, place) ?? file.mode, shown },
    ],
    warnings,
    notes,
  }
}

/** The hand-over in a file shows that acs-env made the file, even where the record is gone. */
function madeForBlock(
  bytes: Buffer,
  block: Span | undefined,
  record: RestoreRecord | undefined,
): RestoreRecord | undefined {
  if (block === undefined || !hasHandOver(bytes.subarray(block.start, block.end))) return record
  return { addedNewline: false, replaced: [], standing: [], before: '', after: '', ...record, created: true }
}

/** In a file that was made for the block, what others have added still needs the hand-over to the file in use before. */
function remainderOf(bytes: Buffer, home: string): string {
  if (!['.bash_login', '.profile'].some((name) => existsSync(join(home, name)))) return ''
  return hasHandOver(bytes) ? `${HAND_OVER.join('\n')}\n` : ''
}

/** Also where an editor has indented it. */
function hasHandOver(bytes: Buffer): boolean {
  const lines = new Set(
    bytes
      .toString('utf8')
      .split('\n')
      .map((line) => line.trim()),
  )
  return HAND_OVER.every((line) => lines.has(line.trim()))
}

/**
 * Where somebody has deleted the markers of a block with values in it, or has copied a line out of it, the values would
 * stay, and nothing would know of them any more. With values in files such a line is the user's own.
 */
function requireNothingLeft(
  bytes: Buffer,
  shown: string,
  record: RestoreRecord | undefined,
  { connectionString, accessToken, state: { issued, variables } }: Stored,
  readers: Readers,
): void {
  const own = ownLines(record, 'utf8')
  const names = new Set(variables.map(({ name }) => name))
  const text = bytes.toString('utf8')
  if (![...names].some((name) => text.includes(name))) return
  for (const [index, line] of text.split('\n').entries()) {
    const statement = readStatement(line, readers)
    if (statement === undefined || !names.has(statement.name) || own.has(line.trim())) continue
    const value = new Secret(statement.value)
    const read = readStoredConnectionString(statement.value)
    const isOurs =
      value.equals(connectionString) ||
      value.equals(accessToken) ||
      digestOf(value) === issued.tokenDigest ||
      (!isMistake(read) && read.endpoint === issued.endpoint)
    if (!isOurs) continue
    throw new CliError(`Line ${index + 1} of ${shown} sets ${statement.name} to the stored value, outside the block.`, {
      code: 'value_outside_block',
      hint: 'the acs-env markers around it are gone; delete that line, and run this again',
    })
  }
}

/** The lines that were taken over, and so are the user's own again. */
function ownLines(record: RestoreRecord | undefined, encoding: 'utf8' | 'latin1'): ReadonlySet<string> {
  return new Set(record?.replaced.map(({ line }) => Buffer.from(line, 'base64').toString(encoding).trim()))
}

/** A value in a line that acs-env would not write so: it was commented out, say, or copied to another name. */
interface LeftValue {
  /** Counted from 1. */
  readonly line: number
  readonly what: 'connection string' | 'access token'
}

/** The stored values that a profile has in another form; those of a record are the user's own, and return. */
function valuesLeft(
  bytes: Buffer,
  record: RestoreRecord | undefined,
  { connectionString, accessToken, state: { issued } }: Stored,
): readonly LeftValue[] {
  const own = ownLines(record, 'latin1')
  const isConnectionString = (text: string): boolean => {
    const read = readStoredConnectionString(text)
    return (
      connectionString?.equals(new Secret(text)) === true || (!isMistake(read) && read.endpoint === issued.endpoint)
    )
  }
  const isToken = (text: string): boolean => {
    const token = new Secret(text)
    return token.equals(accessToken) || digestOf(token) === issued.tokenDigest
  }
  return bytes
    .toString('latin1')
    .split('\n')
    .flatMap((text, index): readonly LeftValue[] => {
      if (own.has(text.trim())) return []
      const line = index + 1
      const pasted = /accesskey/i.test(text) ? findConnectionString(text) : undefined
      const token = findAccessToken(text)
      return [
        ...(pasted !== undefined && isConnectionString(pasted) ? [{ line, what: 'connection string' } as const] : []),
        ...(token.kind === 'token' && isToken(token.text) ? [{ line, what: 'access token' } as const] : []),
      ]
    })
}

/** What still names a variable afterwards is the user's own, and what new shells get. */
function remainingNotes(
  bytes: Buffer,
  shown: string,
  record: RestoreRecord | undefined,
  { state: { variables } }: Stored,
  left: readonly LeftValue[],
): readonly string[] {
  const lines = new Set(left.map(({ line }) => line))
  const own = ownLines(record, 'latin1')
  const names = variables.map(({ name }) => name)
  const notes = findMentions(bytes, names, undefined)
    .filter((mention) => !isMereUse(bytes, mention))
    .filter(({ line }) => !lines.has(line))
    .filter(({ start, end }) => !own.has(bytes.toString('latin1', start, end).trim()))
    .map(({ name, line }) => `line ${line} of ${shown} names ${name}; it is not of acs-env, and stays.`)
  return firstSentences(notes, (more) => `${more} more lines of ${shown} name them, and stay, too.`)
}
