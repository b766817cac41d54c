import type { FileState } from '../../files/read.ts'
import { Secret } from '../../secret.ts'
import { gitignoreStep } from '../../store/change/gitignore.ts'
import type { Step, ToCome } from '../../store/plan.ts'
import { digestOf } from '../../store/stored-token.ts'
import { cutLines } from './cut-lines.ts'
import type { Wanted } from './edits.ts'
import { homeOf } from './home.ts'
import { isOursIn, type Known } from './ownership.ts'
import { namesOf, takeLines, type TakenLine } from './taken-lines.ts'
import { recordsStep, type TakenRecord, type TakenRecords } from './taken-records.ts'
import type { WritePlanning } from './targets.ts'
import { decode } from './text.ts'

/** Those of a week of hourly renewals, and more. */
const MOST_WRITTEN = 200

/** What is noted of a file before it changes. */
export interface Noted {
  /** Undefined for what is no text, which is not written to. */
  readonly record: TakenRecord | undefined
  /** The names that have another value now, or are taken out. */
  readonly replaced: readonly string[]
  /** The names of lines that were noted before and do not return, since the user has set them anew. */
  readonly superseded: readonly string[]
}

/**
 * Notes the lines of a file that are not of acs-env and give way, for `unset` to give back, and what takes their place.
 *
 * @param mode the permission bits that the file loses now
 */
export function noteOf(file: FileState, wanted: Wanted<ToCome>, known: Known, mode: number | undefined): Noted {
  const { target, record: earlier } = known
  const text = decode(file.bytes ?? Buffer.alloc(0))
  if (typeof text !== 'string') return { record: earlier, replaced: [], superseded: [] }
  const isOurs = isOursIn(file, known)
  const names = new Set([
    ...wanted.keys(),
    ...(earlier?.names ?? []),
    ...(target?.variables ?? []).map(({ name }) => name),
  ])
  const { rest, lines } = cutLines(text, ({ name, value }) => names.has(name) && (wanted.has(name) || isOurs(value)))
  const theirs = lines.filter(({ value }) => !isOurs(value))
  const values = [...lines.filter((line) => !theirs.includes(line)), ...secretsOf(wanted)].map(({ value }) => value)
  const digests = values.map((value) => digestOf(new Secret(value)))
  // The latest last: a file may come back from a backup, or from an editor that had it open.
  const written = [...(earlier?.written ?? []).filter((digest) => !digests.includes(digest)), ...new Set(digests)]
  const taken = theirs.length === 0 && earlier !== undefined ? earlier : takeLines(rest, lines, theirs, earlier)
  // A run that was killed may have noted the same lines already.
  const isSetAnew = (line: TakenLine): boolean =>
    theirs.some(({ name }) => name === line.name) && !theirs.some((other) => other.text === line.text)
  return {
    record: {
      lines: taken.lines,
      rest: taken.rest,
      names: [...names],
      written: written.slice(-MOST_WRITTEN),
      mode: earlier?.mode ?? mode,
    },
    replaced: namesOf(theirs.filter(({ name, value }) => !isValue(wanted.get(name), value))),
    superseded: namesOf((earlier?.lines ?? []).filter(isSetAnew)),
  }
}

function isValue(wanted: Secret | ToCome | undefined, value: string): boolean {
  return wanted instanceof Secret && wanted.reveal() === value
}

function secretsOf(wanted: Wanted<ToCome>): readonly { readonly value: string }[] {
  return [...wanted.values()].flatMap((value) => (value instanceof Secret ? [{ value: value.reveal() }] : []))
}

/** By the file. */
export function recordsOf(path: string, { record }: Noted): TakenRecords {
  return new Map(record === undefined ? [] : [[path, record]])
}

/** Says which values of the user's give way. */
export function replacementNotes({ replaced }: Noted, wanted: Wanted<ToCome>, shown: string): readonly string[] {
  return replaced.map((name) =>
    wanted.get(name) === undefined
      ? `${shown} had a ${name}, which is taken out; unset gives it back.`
      : `${shown} had another ${name}, which is replaced; unset gives it back.`,
  )
}

/** Says which of those that gave way before do not return. */
export function supersededWarnings({ superseded }: Noted, shown: string): readonly string[] {
  return superseded.map((name) => `${shown} sets ${name} anew; the older line that acs-env took over does not return.`)
}

/** The steps that keep the notes, before the files change. */
export function noteSteps(
  { directory, system, records }: Pick<WritePlanning, 'directory' | 'system' | 'records'>,
  changed: TakenRecords,
): readonly Step[] {
  const all = new Map([...records, ...changed])
  if (all.size === 0) return []
  return [
    ...recordsStep(directory, all, homeOf(system)),
    ...(system.platform === 'win32' ? [] : gitignoreStep(directory)),
  ]
}
