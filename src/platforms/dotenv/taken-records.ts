import { CliError } from '../../errors.ts'
import { fromPortable, toPortable } from '../../files/portable-path.ts'
import { DOTENV_NOTES } from '../../store/change/notes.ts'
import { privateFile, privateFileStep, readJson, removalStep, type PrivateFile } from '../../store/own-files.ts'
import type { Step } from '../../store/plan.ts'
import { ofLaterVersion } from '../../store/state.ts'
import { printable } from '../../text/printable.ts'
import { cutLines } from './cut-lines.ts'
import type { TakenLine, TakenLines } from './taken-lines.ts'

const VERSION = 1

/** A private note of what was done to a file: the lines that gave way to ours, until `unset` gives them back. */
export interface TakenRecord extends TakenLines {
  /** Of the variables that acs-env has written there, or taken out. */
  readonly names: readonly string[]
  /** SHA-256 of the values that it has written, or was about to: any other value was set by somebody else since. */
  readonly written: readonly string[]
  /** The permission bits before the file was made private; undefined where they were left as they were. */
  readonly mode: number | undefined
}

/** By the file that they are about. */
export type TakenRecords = ReadonlyMap<string, TakenRecord>

/**
 * Reads the notes. A damaged file is an error and not ignored: lines of the user's are in it.
 *
 * @param home what paths are kept relative to
 */
export function readTakenRecords(directory: string, home: string | undefined): TakenRecords {
  const file = recordsFile(directory)
  if (file.state.bytes === undefined) return new Map()
  const { version, files } = readJson(file) ?? {}
  if (typeof version === 'number' && version > VERSION) throw ofLaterVersion(file.path, home)
  if (version !== VERSION || typeof files !== 'object' || files === null) throw damaged(file)
  return new Map(
    Object.entries(files).map(([path, value]) => {
      const record = readRecord(value)
      if (record === undefined) throw damaged(file)
      return [fromPortable(path, home), record]
    }),
  )
}

/** The step that writes the notes, or removes their file where none are left; none where they are the same already. */
export function recordsStep(directory: string, records: TakenRecords, home: string | undefined): readonly Step[] {
  const file = recordsFile(directory)
  if (records.size === 0) return removalStep(file)
  const files = Object.fromEntries([...records].map(([path, record]) => [toPortable(path, home), record]))
  // What a later release has added to this version of the file is kept for it.
  const document = { ...readJson(file), version: VERSION, files }
  const bytes = Buffer.from(`${JSON.stringify(document, null, 2)}\n`)
  if (readJson({ ...file, state: { ...file.state, bytes } }) === undefined) throw tooLarge()
  return privateFileStep(file, bytes)
}

/** Where the notes are. */
export function recordsFile(directory: string): PrivateFile {
  return privateFile(directory, DOTENV_NOTES)
}

function damaged({ path }: PrivateFile): CliError {
  return new CliError(`${printable(path)} cannot be understood.`, {
    code: 'file',
    hint: 'it keeps lines of your .env files that gave way to those of acs-env; mend it, or move it away and keep it',
  })
}

function tooLarge(): CliError {
  return new CliError('The lines that give way are too large to be noted for "unset".', {
    code: 'dotenv',
    hint: 'take them out of the file yourself, and run this again',
  })
}

function readRecord(value: unknown): TakenRecord | undefined {
  const { lines, rest, names, written, mode } = (value ?? {}) as Record<string, unknown>
  const areTexts = (list: unknown): list is readonly string[] =>
    Array.isArray(list) && list.every((item) => typeof item === 'string')
  const isMode = mode === undefined || (Number.isInteger(mode) && Number(mode) >= 0 && Number(mode) <= 0o777)
  if (!Array.isArray(lines) || !lines.every(isTakenLine) || typeof rest !== 'string' || !isMode) return undefined
  if (!areTexts(names) || !areTexts(written)) return undefined
  return { lines, rest, names, written, mode: mode === undefined ? undefined : Number(mode) }
}

/** One assignment, and nothing else: that is all that is ever taken out. */
function isTakenLine(value: unknown): value is TakenLine {
  const { name, text, offset } = (value ?? {}) as Record<string, unknown>
  if (typeof text !== 'string' || !Number.isInteger(offset) || Number(offset) < 0) return false
  // At the beginning of a text, a byte order mark would be no part of the line.
  const { rest, lines } = cutLines(`\n${text}`, () => true)
  return rest === '\n' && lines.length === 1 && lines[0]?.name === name
}
