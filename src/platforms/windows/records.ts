import { CliError } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { STORE_NOTES } from '../../store/change/notes.ts'
import { applyFileSteps } from '../../store/change/perform.ts'
import { privateFile, privateFileStep, readJson, type PrivateFile } from '../../store/own-files.ts'
import type { RegistryString, Step } from '../../store/plan.ts'
import { sha256 } from '../../system/sha256.ts'
import { printable } from '../../text/printable.ts'
import { isStorableName } from './names.ts'
import { recoverNames, renewedElsewhere } from './recovery.ts'
import { readState } from './state.ts'
import type { WindowsValues } from './values.ts'

export const RECORDS_FILE = STORE_NOTES
const VERSION = 1

/** What is kept of a variable that acs-env has stored, or was about to store when it was killed. */
export interface VariableRecord {
  /** The user's own value, which `unset` brings back; undefined where there was none. */
  readonly before?: RegistryString | undefined
  /** SHA-256 of what was written, or was about to be: any other value was set by somebody else since. */
  readonly written: readonly string[]
}

/** By the name of the variable in capital letters. */
export type VariableRecords = ReadonlyMap<string, VariableRecord>

/**
 * Reads the records; where there are none, those that the values themselves allow to make. A damaged file is an error and
 * not ignored: values of the user's are in it.
 */
export function readVariableRecords(directory: string, current: WindowsValues): VariableRecords {
  const file = privateFile(directory, RECORDS_FILE)
  if (isBlank(file)) return recoverRecords(directory, current)
  const { version, variables } = readJson(file) ?? {}
  if (typeof version === 'number' && version > VERSION) throw laterVersion(file)
  const isReadable = version === VERSION && isObject(variables)
  const entries: readonly (readonly [string, unknown])[] = isReadable ? Object.entries(variables) : []
  const records = entries.flatMap(([name, value]) =>
    isStorableName(name) && isStoredRecord(value) ? [[name.toUpperCase(), value] as const] : [],
  )
  if (isReadable && records.length === entries.length) {
    return withRenewed(
      new Map(records.map(([name, { before, written }]) => [name, { before: before ?? undefined, written }])),
      directory,
      current,
    )
  }
  throw new CliError(`${printable(file.path)} cannot be understood.`, {
    code: 'file',
    hint: 'it keeps values of yours that acs-env took over; mend it, or move it away and keep it',
  })
}

/** Whether a variable is one of those with a record; all are where the file is damaged. */
export function managedNames(directory: string, current: WindowsValues): (name: string) => boolean {
  const file = privateFile(directory, RECORDS_FILE)
  if (isBlank(file)) {
    const records = recoverRecords(directory, current)
    return (name) => records.has(name.toUpperCase())
  }
  const variables = readJson(file)?.variables
  if (isObject(variables)) {
    const names = new Set(Object.keys(variables).map((name) => name.toUpperCase()))
    return (name) => names.has(name.toUpperCase())
  }
  return () => true
}

/** Whether there are no records: no file, or one that a machine which lost its power has left empty or full of zeros. */
export function hasNoRecords(directory: string): boolean {
  return isBlank(privateFile(directory, RECORDS_FILE))
}

function isBlank({ state: { bytes } }: PrivateFile): boolean {
  return bytes === undefined || /^[\0\s]*$/.test(bytes.toString('latin1'))
}

function recoverRecords(directory: string, current: WindowsValues): VariableRecords {
  const names = recoverNames(readState(directory), current)
  return new Map(
    names.map((name) => {
      const value = current.string(name)
      return [name.toUpperCase(), { before: undefined, written: value === undefined ? [] : [sha256(value.text)] }]
    }),
  )
}

function withRenewed(records: VariableRecords, directory: string, current: WindowsValues): VariableRecords {
  const all = new Map(records)
  for (const name of renewedElsewhere(readState(directory), current)) {
    const [record, value] = [records.get(name.toUpperCase()), current.string(name)]
    if (record === undefined || value === undefined || isWritten(record, value)) continue
    all.set(name.toUpperCase(), { ...record, written: [...record.written, sha256(value.text)] })
  }
  return all
}

function laterVersion({ path }: PrivateFile): CliError {
  return new CliError(`${printable(path)} was written by a later version of acs-env.`, {
    code: 'file',
    hint: 'update this one, with "npm install -g acs-env" or "npx acs-env@latest"',
  })
}

/** The step that writes the records, or none where they are the same already. */
export function recordsStep(directory: string, records: VariableRecords): readonly Step[] {
  const variables = Object.fromEntries(
    [...records].map(([name, { before, written }]) => [name, { before: before ?? null, written }]),
  )
  const contents = Buffer.from(`${JSON.stringify({ version: VERSION, variables }, null, 2)}\n`)
  return privateFileStep(privateFile(directory, RECORDS_FILE), contents)
}

/** Takes values for ours that came to be there while acs-env was writing, and could not put the earlier ones back. */
export function claim(
  directory: string,
  values: readonly (readonly [name: string, value: RegistryString])[],
  current: WindowsValues,
): void {
  const records = new Map(readVariableRecords(directory, current))
  for (const [name, { text }] of values) {
    const { before, written = [] } = records.get(name.toUpperCase()) ?? {}
    records.set(name.toUpperCase(), { before, written: [...new Set([...written, sha256(text)])] })
  }
  applyFileSteps(recordsStep(directory, records), directory)
}

/** Whether a value is one that acs-env wrote. */
export function isWritten(record: VariableRecord | undefined, { text }: RegistryString): boolean {
  return record?.written.includes(sha256(text)) === true
}

/**
 * The record of a variable that is about to get a value, or to go; before it does, so that a run that is killed loses
 * nothing of the user's and leaves nothing of ours.
 */
export function nextRecord(
  record: VariableRecord | undefined,
  current: RegistryString | undefined,
  after: Secret | undefined,
): VariableRecord {
  const isUsers = current !== undefined && !isWritten(record, current)
  const ours = isUsers || current === undefined ? [] : [sha256(current.text)]
  const next = after === undefined ? [] : [sha256(after.reveal())]
  return { before: isUsers ? current : record?.before, written: [...new Set([...ours, ...next])] }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStoredRecord(
  value: unknown,
): value is { readonly before: RegistryString | null; readonly written: readonly string[] } {
  const { before, written } = (value ?? {}) as Record<string, unknown>
  const isText = (item: unknown): boolean => typeof item === 'string'
  return (before === null || isRegistryString(before)) && Array.isArray(written) && written.every(isText)
}

function isRegistryString(value: unknown): boolean {
  const { text, expands } = (value ?? {}) as Record<string, unknown>
  return typeof text === 'string' && typeof expands === 'boolean'
}
