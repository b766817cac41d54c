import { CliError } from '../../errors.ts'
import { readFileState, tryReadFileState } from '../../files/read.ts'
import type { Secret } from '../../secret.ts'
import { requestedValue, type Place, type Step, type StoreRequest, type ToCome } from '../../store/plan.ts'
import type { DotenvTarget, Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { isMistake, readStoredConnectionString } from '../../values/connection-string.ts'
import { tryToPlan, type Wanted } from './edits.ts'
import { planNotedEdit } from './notes.ts'
import { readTarget } from './places.ts'
import type { TakenRecords } from './taken-records.ts'

/** What remembered files become, together. */
export interface TargetsPlan<Missing extends ToCome> {
  readonly steps: readonly Step<Missing>[]
  readonly places: readonly Place[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
  /** What is noted of the files before they change. */
  readonly records: TakenRecords
}

/** What it takes to plan for a file. */
export interface Planning {
  /** Our own directory. */
  readonly directory: string
  readonly system: System
  /** A path as people know it. */
  readonly show: (path: string) => string
}

/** What it takes to plan what is written to files. */
export interface WritePlanning extends Planning {
  /** What is stored elsewhere, and what is remembered. */
  readonly stored: Stored
  /** What is noted of files so far. */
  readonly records: TakenRecords
}

export const NOTHING_TO_DO = { steps: [], places: [], warnings: [], notes: [], records: new Map() } as const

/** Endpoints; undefined for one that is not known. */
type Allowed = readonly (string | undefined)[]

/** A file whose values are the stored ones: a problem with it is an error, and with any other file a warning. */
export type Primary = DotenvTarget | undefined

/** What the files become where there is a new token. */
export function planRenewedTargets<Missing extends ToCome>(
  targets: readonly DotenvTarget[],
  accessToken: Secret | Missing,
  endpoint: string | undefined,
  primary: Primary,
  planning: WritePlanning,
): Promise<TargetsPlan<Missing>> {
  const wantedFor = ({ variables }: DotenvTarget): Wanted<Missing> =>
    new Map(variables.flatMap(({ name, value }) => (value === 'access-token' ? [[name, accessToken] as const] : [])))
  return planTargets(targets, wantedFor, () => [endpoint], primary, planning)
}

/** What the files become where everything is stored anew. */
export function planStoredTargets<Missing extends ToCome>(
  targets: readonly DotenvTarget[],
  request: StoreRequest<Missing>,
  endpoint: string | undefined,
  planning: WritePlanning,
): Promise<TargetsPlan<Missing>> {
  // A run that was killed may have changed some places and others not: all that was ever written there is ours.
  const allowedIn = ({ endpoints }: DotenvTarget): Allowed => [...endpoints, endpoint, request.issued.endpoint]
  const wantedFor = ({ variables }: DotenvTarget): Wanted<Missing> =>
    new Map(variables.map(({ name, value }) => [name, requestedValue(request, value)]))
  return planTargets(targets, wantedFor, allowedIn, undefined, planning)
}

async function planTargets<Missing extends ToCome>(
  targets: readonly DotenvTarget[],
  wantedFor: (target: DotenvTarget) => Wanted<Missing>,
  allowedIn: (target: DotenvTarget) => Allowed,
  primary: Primary,
  planning: WritePlanning,
): Promise<TargetsPlan<Missing>> {
  const plans: TargetsPlan<Missing>[] = []
  for (const target of targets) {
    const work = (): TargetsPlan<Missing> => planTarget(target, wantedFor(target), allowedIn(target), planning)
    const planned = target === primary ? work() : await tryToPlan(work)
    plans.push('problem' in planned ? leftAlone(planned.problem) : planned)
  }
  return {
    steps: plans.flatMap(({ steps }) => steps),
    places: plans.flatMap(({ places }) => places),
    warnings: plans.flatMap(({ warnings }) => warnings),
    notes: plans.flatMap(({ notes }) => notes),
    records: new Map(plans.flatMap(({ records }) => [...records])),
  }
}

function leftAlone({ message }: CliError): TargetsPlan<never> {
  return { ...NOTHING_TO_DO, warnings: [`${message} It was left as it is.`] }
}

function planTarget<Missing extends ToCome>(
  target: DotenvTarget,
  wanted: Wanted<Missing>,
  allowed: Allowed,
  planning: WritePlanning,
): TargetsPlan<Missing> {
  if (wanted.size === 0) return NOTHING_TO_DO
  const shown = planning.show(target.file)
  const trouble = targetTrouble(target, allowed, planning.show)
  if (trouble !== undefined) throw new CliError(trouble, { code: 'dotenv' })
  const file = readFileState(target.file)
  const { steps, warnings, notes, record } = planNotedEdit(file, wanted, { path: target.file, shown, target }, planning)
  return {
    steps,
    places: [...wanted].flatMap(([name, value]) => (value === undefined ? [] : [{ name, where: target.file }])),
    warnings,
    notes,
    records: new Map([[target.file, record]]),
  }
}

/**
 * Why a remembered file does not hold the stored values any more: it is gone, or the user has taken the lines out or
 * put those of another resource there. Undefined where it still does.
 *
 * @param allowed the resources that the file may be of; where none is known, any
 */
export function targetTrouble(
  target: DotenvTarget,
  allowed: Allowed,
  show: (path: string) => string,
): string | undefined {
  const shown = show(target.file)
  const file = tryReadFileState(target.file)
  if ('problem' in file) return file.problem.message
  if (file.bytes === undefined) return `${shown} does not exist any more.`
  const { connectionString, accessToken } = readTarget(target, file)
  if (connectionString === undefined && accessToken === undefined) return `${shown} does not have the values any more.`
  const read = connectionString === undefined ? undefined : readStoredConnectionString(connectionString.reveal())
  const isOther = read !== undefined && (isMistake(read) || !allowed.includes(read.endpoint))
  return isOther && allowed.some((endpoint) => endpoint !== undefined)
    ? `${shown} has the connection string of another resource by now.`
    : undefined
}
