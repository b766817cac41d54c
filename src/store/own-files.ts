import { lstatSync, readlinkSync } from 'node:fs'
import { below } from '../files/below.ts'
import { readFileState, type FileState } from '../files/read.ts'
import { Secret } from '../secret.ts'
import type { Shown, Step, ToCome } from './plan.ts'
import type { ValueKind } from './stored.ts'

/** Room for tens of thousands of lines that were taken over. */
const MOST_JSON_BYTES = 16 * 1024 * 1024
/** What later versions add to the files has to fit in, too. */
const MOST_JSON_DEPTH = 64
const [QUOTE, BACKSLASH, OPENING_BRACKET, CLOSING_BRACKET, OPENING_BRACE, CLOSING_BRACE] = Buffer.from('"\\[]{}')

/** Readable by its owner alone. */
export const PRIVATE = 0o600
const HOUSEKEEPING: Shown = { kind: 'housekeeping' }

/**
 * The value in a value file: its first line, without the CR of an editor that a shell would keep. Undefined where there
 * is no file, or nothing in it.
 */
export function readValue(directory: string, kind: ValueKind): Secret | undefined {
  return valueIn(readFileState(below(directory, kind)))
}

/** The same of a value file that was read. */
export function valueIn({ bytes }: FileState): Secret | undefined {
  const text = bytes?.toString('utf8') ?? ''
  const line = text.split('\n', 1)[0]?.replace(/\r$/, '') ?? ''
  return line === '' ? undefined : new Secret(line)
}

/** A file of ours as it is now. */
export interface PrivateFile {
  readonly path: string
  readonly state: FileState
}

export function privateFile(directory: string, name: string): PrivateFile {
  const path = below(directory, name)
  return { path, state: readFileState(path) }
}

/** The step that writes a file of ours, or none where it has these contents and is private already. */
export function privateFileStep(file: PrivateFile, contents: Buffer, shown: Shown = HOUSEKEEPING): readonly Step[] {
  return valueFileStep<never>(file, contents, shown)
}

/** The same for a value that may be still to come. */
export function valueFileStep<Missing extends ToCome>(
  { path, state }: PrivateFile,
  contents: Buffer | Missing,
  shown: Shown,
): readonly Step<Missing>[] {
  const isSame = typeof contents !== 'string' && state.bytes?.equals(contents) === true
  if (isSame && isPrivate(state)) return []
  return [{ kind: 'write', path, file: state, contents, mode: PRIVATE, shown }]
}

/**
 * The step that removes a file of ours, or none where there is none. We make no links: where a link is in its place, the
 * link goes, and the file that it leads to is the user's own.
 */
export function removalStep({ path, state }: PrivateFile, shown: Shown = HOUSEKEEPING): readonly Step[] {
  if (state.bytes === undefined) return []
  return [{ kind: 'remove', path, file: state, link: linkAt(path), shown }]
}

function linkAt(path: string): string | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? readlinkSync(path) : undefined
}

/** How the removal of a file is shown. */
export function goesAway(summary: string): Shown {
  return { kind: 'shown', summary, lines: ['- (the file goes away)'] }
}

/**
 * The object in a file of ours; undefined where there is none, or anything else in it.
 *
 * @param mostBytes what is larger is not ours
 */
export function readJson(
  { state: { bytes } }: PrivateFile,
  mostBytes = MOST_JSON_BYTES,
): Record<string, unknown> | undefined {
  if (bytes !== undefined && (bytes.length > mostBytes || !isFlat(bytes))) return undefined
  try {
    const value: unknown = JSON.parse(bytes?.toString('utf8') ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Whether it is as flat as everything that we write: megabytes of brackets would take minutes to parse. */
function isFlat(json: Buffer): boolean {
  // Mostly there are few brackets at all, and they are found sooner than every byte is looked at.
  if (['[', '{'].every((bracket) => hasFew(json, bracket))) return true
  let depth = 0
  let isInString = false
  for (let index = 0; index < json.length; index += 1) {
    const byte = json[index]
    if (byte === QUOTE) isInString = !isInString
    else if (isInString) index += byte === BACKSLASH ? 1 : 0
    else if (byte === OPENING_BRACKET || byte === OPENING_BRACE) depth += 1
    else if (byte === CLOSING_BRACKET || byte === CLOSING_BRACE) depth -= 1
    if (depth > MOST_JSON_DEPTH) return false
  }
  return true
}

/** So few that with as many of the other kind they are not too deep. */
function hasFew(json: Buffer, bracket: string): boolean {
  let count = 0
  for (let at = json.indexOf(bracket); at !== -1; at = json.indexOf(bracket, at + 1)) {
    count += 1
    if (count > MOST_JSON_DEPTH / 2) return false
  }
  return true
}

function isPrivate({ mode }: FileState): boolean {
  return mode === undefined || (mode & 0o077) === 0
}
