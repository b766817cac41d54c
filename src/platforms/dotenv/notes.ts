import type { FileState } from '../../files/read.ts'
import { Secret } from '../../secret.ts'
import { gitignoreStep } from '../../store/change/gitignore.ts'
import type { Step, ToCome } from '../../store/plan.ts'
import { digestOf } from '../../store/stored-token.ts'
import type { DotenvTarget } from '../../store/stored.ts'
import { cutLines, type CutLine } from './cut-lines.ts'
import { planEdit, type Edit, type Wanted } from './edits.ts'
import { homeOf } from './home.ts'
import { isOursIn, type Known } from './ownership.ts'
import { namesOf, takeLines } from './taken-lines.ts'
import { recordsStep, type TakenRecord, type TakenRecords } from './taken-records.ts'
import type { WritePlanning } from './targets.ts'
import { decode } from './text.ts'

/** Those of a week of hourly renewals, and more. */
const MOST_WRITTEN = 200

/** What becomes of a file, and what is noted of it before. */
export interface NotedEdit<Missing extends ToCome> extends Edit<Missing> {
  readonly record: TakenRecord
}

/** Which file it is. */
export interface NamedFile {
  /** By which it is remembered and noted. */
  readonly path: string
  /** As the user knows it. */
  readonly shown: string
  /** Undefined for one that is not remembered. */
  readonly target: DotenvTarget | undefined
}

interface Noted {
  readonly record: TakenRecord
  /** The names that have another value now, or are taken out. */
  readonly replaced: readonly string[]
  /** The names of lines that were noted before and do not return, since the user has set them anew. */
  readonly superseded: readonly string[]
}

/**
 * Plans how to write the values into a file, and what to note for `unset` to give back.
 *
 * @throws CliError where nobody could tell what programs would read afterwards, or it cannot be written
 */
export function planNotedEdit<Missing extends ToCome>(
  file: FileState,
  wanted: Wanted<Missing>,
  { path, shown, target }: NamedFile,
  { directory, system, stored, records }: WritePlanning,
): NotedEdit<Missing> {
  const edit = planEdit(file, wanted, shown, directory, system)
  const known = { stored, target, record: records.get(path), records }
  const { record, replaced, superseded } = noteOf(file, wanted, known, edit.modeBefore)
  return {
    ...edit,
    record,
    warnings: [...edit.warnings, ...supersededWarnings(superseded, shown)],
    notes: [...replacementNotes(replaced, wanted, shown), ...edit.notes],
  }
}

/**
 * Notes the lines of a file that are not of acs-env and give way, and what takes their place.
 *
 * @param mode the permission bits that the file loses now
 */
function noteOf(file: FileState, wanted: Wanted<ToCome>, known: Known, mode: number | undefined): Noted {
  const { target, record: earlier } = known
  const text = decode(file.bytes ?? Buffer.alloc(0))
  if (typeof text !== 'string') throw new Error('What is no text is not written to.')
  const isOurs = isOursIn(file, known)
  const names = new Set([
    ...wanted.keys(),
    ...(earlier?.names ?? []),
    ...(target?.variables ?? []).map(({ name }) => name),
  ])
  const ours: CutLine[] = []
  const theirs: CutLine[] = []
  const { rest, lines } = cutLines(text, ({ name, value }) => names.has(name) && (wanted.has(name) || isOurs(value)))
  for (const line of lines) (isOurs(line.value) ? ours : theirs).push(line)
  const digests = new Set([...ours.map(({ value }) => new Secret(value)), ...secretsOf(wanted)].map(digestOf))
  // The latest last: a file may come back from a backup, or from an editor that had it open.
  const written = [...(earlier?.written ?? []).filter((digest) => !digests.has(digest)), ...digests]
  const taken = theirs.length === 0 && earlier !== undefined ? earlier : takeLines(rest, lines, theirs, earlier)
  const [anew, texts] = [new Set(namesOf(theirs)), new Set(theirs.map((line) => line.text))]
  return {
    record: {
      lines: taken.lines,
      rest: taken.rest,
      names: [...names],
      written: written.slice(-MOST_WRITTEN),
      mode: earlier?.mode ?? mode,
    },
    replaced: namesOf(theirs.filter(({ name, value }) => !isValue(wanted.get(name), value))),
    // A run that was killed may have noted the same lines already.
    superseded: namesOf((earlier?.lines ?? []).filter((line) => anew.has(line.name) && !texts.has(line.text))),
  }
}

function isValue(wanted: Secret | ToCome | undefined, value: string): boolean {
  return wanted instanceof Secret && wanted.reveal() === value
}

function secretsOf(wanted: Wanted<ToCome>): readonly Secret[] {
  return [...wanted.values()].filter((value) => value instanceof Secret)
}

/** Says which values of the user's give way. */
function replacementNotes(names: readonly string[], wanted: Wanted<ToCome>, shown: string): readonly string[] {
  return names.map((name) =>
    wanted.get(name) === undefined
      ? `${shown} had a ${name}, which is taken out; unset gives it back.`
      : `${shown} had another ${name}, which is replaced; unset gives it back.`,
  )
}

/** Says which lines that gave way do not return, since the user has set their names anew. */
export function supersededWarnings(names: readonly string[], shown: string): readonly string[] {
  return names.map((name) => `${shown} sets ${name} anew; the older line that acs-env took over does not return.`)
}

/**
 * The steps that keep the notes, before the files change.
 *
 * @param changed what is noted anew, by the file
 * @param others steps of the same plan
 */
export function noteSteps(
  { directory, system, records }: Pick<WritePlanning, 'directory' | 'system' | 'records'>,
  changed: TakenRecords,
  others: readonly Step<ToCome>[] = [],
): readonly Step[] {
  const all = new Map([...records, ...changed])
  if (all.size === 0) return []
  return [
    ...recordsStep(directory, all, homeOf(system)),
    ...(system.platform === 'win32' ? [] : gitignoreStep(directory, others)),
  ]
}
