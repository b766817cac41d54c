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

/** The lines that gave way to ours, by the file that they stood in: a private note, until `unset` gives them back. */
export type TakenRecords = ReadonlyMap<string, TakenLines>

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
      const taken = readTaken(value)
      if (taken === undefined) throw damaged(file)
      return [fromPortable(path, home), taken]
    }),
  )
}

/** The step that writes the notes, or removes their file where none are left; none where they are the same already. */
export function recordsStep(directory: string, records: TakenRecords, home: string | undefined): readonly Step[] {
  const file = recordsFile(directory)
  if (records.size === 0) return removalStep(file)
  const files = Object.fromEntries([...records].map(([path, taken]) => [toPortable(path, home), taken]))
  // What a later release has added to this version of the file is kept for it.
  const document = { ...readJson(file), version: VERSION, files }
  return privateFileStep(file, Buffer.from(`${JSON.stringify(document, null, 2)}\n`))
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

function readTaken(value: unknown): TakenLines | undefined {
  const { lines, rest } = (value ?? {}) as Record<string, unknown>
  return Array.isArray(lines) && lines.every(isTakenLine) && typeof rest === 'string' ? { lines, rest } : undefined
}

/** One assignment, and nothing else: that is all that is ever taken out. */
function isTakenLine(value: unknown): value is TakenLine {
  const { name, text, offset } = (value ?? {}) as Record<string, unknown>
  if (typeof text !== 'string' || !Number.isInteger(offset) || Number(offset) < 0) return false
  const { rest, lines } = cutLines(text, () => true)
  return rest === '' && lines.length === 1 && lines[0]?.name === name
}
