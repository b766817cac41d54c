import { CliError } from '../../errors.ts'
import { readFileState, tryReadFileState } from '../../files/read.ts'
import type { Secret } from '../../secret.ts'
import { requestedValue, type Place, type Step, type StoreRequest, type ToCome } from '../../store/plan.ts'
import type { DotenvTarget } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { isMistake, readStoredConnectionString } from '../../values/connection-string.ts'
import { planEdit, tryToPlan, type Wanted } from './edits.ts'
import { readTarget } from './places.ts'

/** What remembered files become, together. */
export interface TargetsPlan<Missing extends ToCome> {
  readonly steps: readonly Step<Missing>[]
  readonly places: readonly Place[]
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

/** What it takes to plan for a file. */
export interface Planning {
  /** Our own directory. */
  readonly directory: string
  readonly system: System
  /** A path as people know it. */
  readonly show: (path: string) => string
}

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
  planning: Planning,
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
  planning: Planning,
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
  planning: Planning,
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
  }
}

function leftAlone({ message }: CliError): TargetsPlan<never> {
  return { steps: [], places: [], warnings: [`${message} It was left as it is.`], notes: [] }
}

function planTarget<Missing extends ToCome>(
  target: DotenvTarget,
  wanted: Wanted<Missing>,
  allowed: Allowed,
  { directory, system, show }: Planning,
): TargetsPlan<Missing> {
  if (wanted.size === 0) return { steps: [], places: [], warnings: [], notes: [] }
  const trouble = targetTrouble(target, allowed, show)
  if (trouble !== undefined) throw new CliError(trouble, { code: 'dotenv' })
  const { steps, warnings, notes } = planEdit(readFileState(target.file), wanted, show(target.file), directory, system)
  const places = [...wanted].flatMap(([name, value]) => (value === undefined ? [] : [{ name, where: target.file }]))
  return { steps, places, warnings, notes }
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
