import { CliError } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { applyFileSteps } from '../../store/change/perform.ts'
import { privateFile, privateFileStep, readJson } from '../../store/own-files.ts'
import type { RegistryString, Step } from '../../store/plan.ts'
import { sha256 } from '../../system/sha256.ts'
import { printable } from '../../text/printable.ts'

export const RECORDS_FILE = 'restore.json'
const VERSION = 1

/** What is kept of a variable that acs-env has stored, or was about to store when it was killed. */
export interface VariableRecord {
  /** The user's own value, which `unset` brings back; undefined where there was none. */
  readonly before?: RegistryString | undefined
  /** SHA-256 of what was written, or was to be: any other value is one that somebody has set since. */
  readonly written: readonly string[]
}

/** By the name of the variable in capital letters. */
export type VariableRecords = ReadonlyMap<string, VariableRecord>

/** Reads the records. A damaged file is an error and not ignored: values of the user's are in it. */
export function readVariableRecords(directory: string): VariableRecords {
  const file = privateFile(directory, RECORDS_FILE)
  if (file.state.bytes === undefined) return new Map()
  const { version, variables } = readJson(file) ?? {}
  const isReadable = version === VERSION && typeof variables === 'object' && variables !== null
  const entries: readonly (readonly [string, unknown])[] = isReadable ? Object.entries(variables) : []
  const records = entries.flatMap(([name, value]) => (isStoredRecord(value) ? [[name, value] as const] : []))
  if (isReadable && records.length === entries.length) {
    return new Map(records.map(([name, { before, written }]) => [name, { before: before ?? undefined, written }]))
  }
  throw new CliError(`${printable(file.path)} cannot be understood.`, {
    code: 'file',
    hint: 'it keeps values of yours that acs-env took over; mend it, or move it away and keep it',
  })
}

/** Whether a variable is one of those with a record; all are where the file is damaged. */
export function managedNames(directory: string): (name: string) => boolean {
  const file = privateFile(directory, RECORDS_FILE)
  const variables = readJson(file)?.variables
  if (typeof variables === 'object' && variables !== null) return (name) => Object.hasOwn(variables, name.toUpperCase())
  const isDamaged = file.state.bytes !== undefined
  return () => isDamaged
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
export function claim(directory: string, values: readonly (readonly [name: string, value: RegistryString])[]): void {
  const records = new Map(readVariableRecords(directory))
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
