import { CliError } from '../../../errors.ts'
import { fromPortable, toPortable } from '../../../files/portable-path.ts'
import type { RestoreRecord } from '../../../profile/edit.ts'
import { privateFile, privateFileStep, readJson } from '../../../store/own-files.ts'
import type { Step } from '../../../store/store.ts'
import { printable } from '../../../text/printable.ts'

const FILE = 'restore.json'
const VERSION = 1

/** What it takes to give a profile back. */
export type ProfileRecord = RestoreRecord & { readonly mode?: number | undefined }

/** The private notes that `unset` needs to give every profile back as it was, by path. */
export type RestoreRecords = Readonly<Record<string, ProfileRecord>>

/** Reads the notes. A damaged file is an error and not ignored: lines of the user's are in it. */
export function readRestoreRecords(directory: string, home: string): RestoreRecords {
  const { path, state } = privateFile(directory, FILE)
  if (state.bytes === undefined) return {}
  const { version, profiles } = readJson(directory, FILE, state) ?? {}
  const isReadable = version === VERSION && typeof profiles === 'object' && profiles !== null
  const entries = isReadable ? Object.entries(profiles) : []
  if (isReadable && entries.every(([, record]) => isRecord(record))) {
    return Object.fromEntries(
      entries.map(([profile, record]) => [fromPortable(profile, home), record as ProfileRecord]),
    )
  }
  throw new CliError(`${printable(path)} cannot be understood.`, {
    code: 'file',
    hint: 'it keeps lines of your profiles that acs-env took over; mend it, or move it away and keep it',
  })
}

/** The step that writes the notes, or none where they are the same already. */
export function restoreStep(directory: string, records: RestoreRecords, home: string): readonly Step[] {
  if (Object.keys(records).length === 0) return []
  const profiles = Object.fromEntries(Object.entries(records).map(([path, record]) => [toPortable(path, home), record]))
  return privateFileStep(privateFile(directory, FILE), `${JSON.stringify({ version: VERSION, profiles }, null, 2)}\n`)
}

function isRecord(value: unknown): boolean {
  const { created, addedNewline, replaced, before, after, mode } = (value ?? {}) as Record<string, unknown>
  return (
    typeof created === 'boolean' &&
    typeof addedNewline === 'boolean' &&
    typeof before === 'string' &&
    typeof after === 'string' &&
    (mode === undefined || typeof mode === 'number') &&
    Array.isArray(replaced) &&
    replaced.every(isReplacedLine)
  )
}

function isReplacedLine(value: unknown): boolean {
  const { side, distance, line } = (value ?? {}) as Record<string, unknown>
  return (side === 'before' || side === 'after') && Number.isInteger(distance) && typeof line === 'string'
}
