import { realpathSync } from 'node:fs'
import { CliError } from '../../../errors.ts'
import { fromPortable, toPortable } from '../../../files/portable-path.ts'
import { distinctFiles, followLinks, isReadable, tryReadFileState } from '../../../files/read.ts'
import type { ProfileRecord } from '../../../profile/change/plan.ts'
import { STORE_NOTES } from '../../../store/change/notes.ts'
import { privateFile, privateFileStep, readJson, type PrivateFile } from '../../../store/own-files.ts'
import type { Step } from '../../../store/plan.ts'
import { ofLaterVersion } from '../../../store/state.ts'
import { printable } from '../../../text/printable.ts'

const VERSION = 1

/** The private notes that `unset` needs to give every profile back as it was, by the file that a path leads to. */
export type RestoreRecords = ReadonlyMap<string, ProfileRecord>

/**
 * Reads the notes. A damaged file is an error and not ignored: lines of the user's are in it. Notes of one file under
 * several names, as version 0.1 kept them, become one.
 */
export function readRestoreRecords(directory: string, home: string): RestoreRecords {
  const file = privateFile(directory, STORE_NOTES)
  const records = new Map<string, ProfileRecord>()
  if (file.state.bytes === undefined) return records
  const { version, profiles } = readJson(file) ?? {}
  if (typeof version === 'number' && version > VERSION) throw ofLaterVersion(file.path, home)
  const isReadable = version === VERSION && typeof profiles === 'object' && profiles !== null
  const entries: readonly (readonly [string, unknown])[] = isReadable ? Object.entries(profiles) : []
  for (const [path, value] of entries) {
    const record = readRecord(value)
    if (record === undefined) throw damaged(file)
    const given = fromPortable(path, home)
    const profile = tryReadFileState(given)
    // A link to nothing may be there for a while only, and the notes are not about what it leads to.
    const isThere = !('problem' in profile) && profile.bytes !== undefined
    const key = isThere ? keyOf(records, given) : given
    records.set(key, merged(records.get(key), record))
  }
  if (!isReadable) throw damaged(file)
  return records
}

/**
 * By what the notes of a file are kept: the file that the path leads to, or another name of it (a hard link) that has
 * notes already.
 */
export function keyOf(records: RestoreRecords, path: string): string {
  const real = followLinks(path)
  if (records.has(real)) return real
  const isSame = (other: string): boolean => isReadable(other) && distinctFiles([other, real]).length === 1
  return [...records.keys()].find(isSame) ?? real
}

/** The step that writes the notes, or none where they are the same already. */
export function restoreStep(directory: string, records: RestoreRecords, home: string): readonly Step[] {
  if (records.size === 0) return []
  // Kept relative to the home, which may be moved; and by the real one, as the files are.
  const realHome = realpathSync(home)
  const profiles = Object.fromEntries([...records].map(([path, record]) => [toPortable(path, realHome), record]))
  const file = privateFile(directory, STORE_NOTES)
  // What a later release has added to this version of the file is kept for it.
  const document = { ...readJson(file), version: VERSION, profiles }
  return privateFileStep(file, Buffer.from(`${JSON.stringify(document, null, 2)}\n`))
}

/** The file with the notes, to be removed. */
export function recordsFile(directory: string): PrivateFile {
  return privateFile(directory, STORE_NOTES)
}

/** What two notes say of one file: the earlier one knows how it was, and both have lines that are to return. */
function merged(earlier: ProfileRecord | undefined, later: ProfileRecord): ProfileRecord {
  if (earlier === undefined) return later
  const lines = [...earlier.replaced, ...later.replaced]
  return {
    ...later,
    created: earlier.created || later.created,
    mode: earlier.mode ?? later.mode,
    replaced: lines.filter(
      (line, index) => lines.findIndex((other) => other.line === line.line && other.side === line.side) === index,
    ),
  }
}

function damaged({ path }: PrivateFile): CliError {
  return new CliError(`${printable(path)} cannot be understood.`, {
    code: 'file',
    hint: 'it keeps lines of your profiles that acs-env took over; mend it, or move it away and keep it',
  })
}

function readRecord(value: unknown): ProfileRecord | undefined {
  const record = (value ?? {}) as Record<string, unknown>
  const { created, addedNewline, replaced, standing, before, after, mode } = record
  const isWhole =
    typeof created === 'boolean' &&
    typeof addedNewline === 'boolean' &&
    typeof before === 'string' &&
    typeof after === 'string' &&
    (mode === undefined || isMode(mode)) &&
    Array.isArray(replaced) &&
    replaced.every(isReplacedLine)
  return isWhole
    ? {
        created,
        addedNewline,
        before,
        after,
        mode,
        replaced: replaced as ProfileRecord['replaced'],
        // An earlier release did not note them.
        standing: Array.isArray(standing) ? standing.filter((digest) => typeof digest === 'string') : [],
      }
    : undefined
}

/** Permission bits that a profile can have had. */
function isMode(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0o777
}

/** One whole line that exports a variable: nothing else is ever taken over. */
function isReplacedLine(value: unknown): boolean {
  const { side, distance, line } = (value ?? {}) as Record<string, unknown>
  const isPlaced = (side === 'before' || side === 'after') && Number.isInteger(distance) && Number(distance) >= 0
  if (!isPlaced || typeof line !== 'string') return false
  return /^[ \t]*export[ \t]+\w+=[^\n]*\n?$/.test(Buffer.from(line, 'base64').toString('latin1'))
}
