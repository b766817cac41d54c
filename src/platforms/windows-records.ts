import { CliError } from '../errors.ts'
import { printable } from '../text/printable.ts'
import type { Step } from './platform.ts'
import { privateFile, privateFileStep, readJson } from './private-files.ts'
import type { RegistryString } from './registry-file.ts'

const FILE = 'restore.json'
const VERSION = 1

/**
 * What each variable that is ours held before, by its name in capital letters: a value of the user's, which `unset`
 * brings back, or nothing.
 */
export type VariableRecords = ReadonlyMap<string, RegistryString | undefined>

/** Reads the records. A damaged file is an error and not ignored: values of the user's are in it. */
export function readVariableRecords(directory: string): VariableRecords {
  const { path, state } = privateFile(directory, FILE)
  if (state.bytes === undefined) return new Map()
  const { version, variables } = readJson(directory, FILE, state) ?? {}
  const isReadable = version === VERSION && typeof variables === 'object' && variables !== null
  const entries: readonly (readonly [string, unknown])[] = isReadable ? Object.entries(variables) : []
  if (isReadable && entries.every(([, value]) => value === null || isRegistryString(value))) {
    return new Map(entries.map(([name, value]) => [name, isRegistryString(value) ? value : undefined]))
  }
  throw new CliError(`${printable(path)} cannot be understood.`, {
    code: 'file',
    hint: 'it keeps values of yours that acs-env took over; is it from a newer version, or edited by hand?',
  })
}

/** The step that writes the records, or none where they are the same already. */
export function recordsStep(directory: string, records: VariableRecords): readonly Step[] {
  const variables = Object.fromEntries([...records].map(([name, value]) => [name, value ?? null]))
  return privateFileStep(privateFile(directory, FILE), `${JSON.stringify({ version: VERSION, variables }, null, 2)}\n`)
}

function isRegistryString(value: unknown): value is RegistryString {
  const { text, expands } = (value ?? {}) as Record<string, unknown>
  return typeof text === 'string' && typeof expands === 'boolean'
}
