import { attempt, CliError } from '../../errors.ts'
import type { FileState } from '../../files/read.ts'
import { Secret } from '../../secret.ts'
import { findObstacle } from '../../store/change/perform.ts'
import { PRIVATE } from '../../store/own-files.ts'
import type { Step, ToCome } from '../../store/plan.ts'
import type { System } from '../../system/system.ts'
import { isOursAlone, ownerObstacle } from './guard.ts'
import { mergeDotenv, type Merged } from './merge.ts'
import { mergeError } from './refuse.ts'

/** Stands for a token that is still to be issued: made of the same characters, and never written. */
const PLACEHOLDER = 'eyJ.eyJ.a'

/** The value that each name will have; undefined for one that will be absent. */
export type Wanted<Missing extends ToCome> = ReadonlyMap<string, Secret | Missing | undefined>

/** What becomes of one file. */
export interface Edit<Missing extends ToCome> {
  readonly steps: readonly Step<Missing>[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
  readonly merged: Merged
  /** The permission bits that it had, where it becomes private now. */
  readonly modeBefore: number | undefined
}

/**
 * Plans how to write the values into a file.
 *
 * @param shown the file as the user knows it
 * @throws CliError where nobody could tell what programs would read afterwards, or it cannot be written
 */
export function planEdit<Missing extends ToCome>(
  file: FileState,
  wanted: Wanted<Missing>,
  shown: string,
  directory: string,
  system: System,
): Edit<Missing> {
  const obstacle = ownerObstacle(file, system)
  if (obstacle !== undefined) throw obstacle
  const texts = new Map([...wanted].map(([name, value]) => [name, textOf(value)]))
  const merged = mergeDotenv(file.bytes ?? Buffer.alloc(0), texts)
  if (merged.kind !== 'merged') throw mergeError(merged, shown)
  const isToCome = [...wanted.values()].some((value) => typeof value === 'string')
  const isOpen = file.mode !== undefined && (file.mode & 0o077) !== 0
  const becomesPrivate = file.bytes === undefined || (isOpen && isOursAlone(file, system))
  const isSame = !isToCome && file.bytes?.equals(merged.bytes) === true && !becomesPrivate
  // In a draft the whole text is to come as soon as one value is; the type cannot say that.
  const contents = isToCome ? ('to-come' as Missing) : merged.bytes
  const step: Step<Missing> = {
    kind: 'write',
    path: file.path,
    file,
    contents,
    mode: becomesPrivate ? PRIVATE : undefined,
    shown: { kind: 'shown', summary: summaryOf(wanted), lines: linesOf(wanted, merged) },
  }
  const steps = isSame ? [] : [step]
  const notWritable = findObstacle(steps, directory)
  if (notWritable !== undefined) throw forDotenv(notWritable)
  const modeBefore = isOpen && becomesPrivate ? file.mode : undefined
  return {
    steps,
    merged,
    modeBefore,
    warnings: [
      ...(isOpen && !becomesPrivate
        ? [`Others may read ${shown} (mode ${modeText(file.mode)}), which is not yours alone.`]
        : []),
      ...misreadWarnings(merged, shown),
    ],
    notes:
      modeBefore === undefined
        ? []
        : [`${shown} is private now (mode 600); others could read it (mode ${modeText(modeBefore)}).`],
  }
}

function misreadWarnings({ misread }: Merged, shown: string): readonly string[] {
  if (misread === undefined) return []
  const where = `Line ${misread.line} of ${shown}`
  return misread.kind === 'no-assignment'
    ? [`${where} has no "=", and Node 20 takes it for a part of the name below it.`]
    : [`${where} has only blanks behind its "=", and Node takes the line below it for the value.`]
}

/** Gives the error as an answer, for a file that can be left as it is. */
export async function tryToPlan<Result>(work: () => Result): Promise<Result | { readonly problem: CliError }> {
  const tried = await attempt(async () => work())
  return tried.kind === 'done' ? tried.value : { problem: tried.error }
}

function forDotenv({ message, code, hint }: CliError): CliError {
  return new CliError(message, { code, hint: hint?.replaceAll('--rc-file', '--dotenv') })
}

function textOf(value: Secret | ToCome | undefined): string | undefined {
  return value instanceof Secret ? value.reveal() : value && PLACEHOLDER
}

function summaryOf(wanted: Wanted<ToCome>): string {
  const count = [...wanted.values()].filter((value) => value !== undefined).length
  return count === 1 ? 'the value' : 'the values'
}

function linesOf(wanted: Wanted<ToCome>, { replaced, removedDuplicates }: Merged): readonly string[] {
  const set = [...wanted].flatMap(([name, value]) =>
    value === undefined ? [] : [`+ ${name}=${value instanceof Secret ? value.toString() : '(a new access token)'}`],
  )
  const gone = replaced.map((name) => (wanted.get(name) === undefined ? `- ${name}` : `- ${name}=(another value)`))
  const further = removedDuplicates === 1 ? '1 further line' : `${removedDuplicates} further lines`
  return [...gone, ...(removedDuplicates === 0 ? [] : [`- ${further} with these names`]), ...set]
}

function modeText(mode = 0): string {
  return (mode & 0o777).toString(8)
}
