import { tryReadFileState } from '../../files/read.ts'
import { Secret } from '../../secret.ts'
import { splitGitignoreRemoval } from '../../store/change/gitignore.ts'
import type { Step } from '../../store/plan.ts'
import { digestOf, storedEndpoint } from '../../store/stored-token.ts'
import { DEFAULT_VARIABLES, type DotenvTarget, type Stored, type Variable } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { isMistake, readStoredConnectionString } from '../../values/connection-string.ts'
import { readTokenClaims } from '../../values/token-claims.ts'
import { ENDPOINT_NAME } from '../../values/variable-name.ts'
import { findPlace } from '../posix/place.ts'
import { requireSafeMemory } from './guard.ts'
import { planLinesRemoval, type Removal } from './lines-removal.ts'
import { readTarget } from './places.ts'
import { areOf, type TakenLines } from './taken-lines.ts'
import { readTakenRecords, recordsFile, recordsStep, type TakenRecords } from './taken-records.ts'
import type { Planning, TargetsPlan } from './targets.ts'

/** What a file can have that nothing is remembered of. */
const USUAL_VARIABLES: readonly Variable[] = [...DEFAULT_VARIABLES, { name: ENDPOINT_NAME, value: 'endpoint' }]

/** What paths are remembered relative to. */
export function homeOf(system: System): string | undefined {
  return system.platform === 'win32' ? undefined : findPlace(system).home
}

/** What becomes of the files, of what is stored elsewhere, and of the lines that are noted. */
export interface TargetsRemoval {
  readonly files: TargetsPlan<never>
  /** What is noted afterwards. */
  readonly records: TakenRecords
}

/**
 * The steps of a removal in their order. What is noted goes last: as long as a file is remembered, what stands in it may
 * be ours. Where notes stay, so does the `.gitignore` that covers them.
 */
export function removalSteps(
  files: readonly Step[],
  own: readonly Step[],
  records: TakenRecords,
  { directory, system }: Pick<Planning, 'directory' | 'system'>,
): readonly Step[] {
  const { ignore, others } = splitGitignoreRemoval(directory, own)
  const notes = recordsStep(directory, records, homeOf(system))
  return [...files, ...others, ...notes, ...(records.size === 0 ? ignore : [])]
}

/**
 * Takes the values out of the remembered files, and gives back what gave way to them; also in a file of which nothing
 * but that is known any more.
 */
export function planTargetsRemoval(base: Stored, planning: Planning): TargetsRemoval {
  const { directory, system, show } = planning
  const { dotenv } = base.state
  const records = readTakenRecords(directory, homeOf(system))
  const forgotten = [...records].filter(([path]) => !dotenv.some(({ file }) => file === path))
  if (dotenv.length > 0 || forgotten.length > 0) requireSafeMemory(system, 'removes')
  const plan = (target: DotenvTarget, isOurs: (value: string) => boolean): Removal =>
    planLinesRemoval(target, isOurs, records.get(target.file), show(target.file), planning)
  const removals = new Map<string, Removal>([
    ...dotenv.map((target) => [target.file, plan(target, judgeOf(base, target))] as const),
    ...forgotten
      .filter(([path, taken]) => isAsLeft(path, taken))
      .map(([path]) => [path, plan(forgottenTarget(path), hasOwnForm)] as const),
  ])
  const changed = forgotten.filter(([path]) => !removals.has(path)).map(([path]) => show(path))
  const all = [...removals.values()]
  const left = [...records].flatMap(([path, taken]): readonly (readonly [string, TakenLines])[] => {
    const removal = removals.get(path)
    if (removal === undefined) return [[path, taken]]
    return removal.taken === undefined ? [] : [[path, removal.taken]]
  })
  const keptIn = show(recordsFile(directory).path)
  return {
    files: {
      steps: all.flatMap(({ steps }) => steps),
      places: all.flatMap(({ places }) => places),
      warnings: [
        ...all.flatMap(({ warnings }) => warnings),
        ...changed.map(
          (shown) => `${shown} is not as acs-env left it; the lines that acs-env took over from it stay in ${keptIn}.`,
        ),
      ],
      notes: all.flatMap(({ notes }) => notes),
    },
    records: new Map(left),
  }
}

/** A file that nothing is remembered of. */
export function forgottenTarget(file: string): DotenvTarget {
  return {
    file,
    variables: USUAL_VARIABLES,
    endpoints: [],
    created: false,
    addedNewline: false,
    mode: undefined,
    forced: false,
  }
}

function isAsLeft(path: string, taken: TakenLines): boolean {
  const file = tryReadFileState(path)
  const names = new Set([...USUAL_VARIABLES, ...taken.lines].map(({ name }) => name))
  return 'problem' in file || file.bytes === undefined || areOf(taken, file.bytes, names)
}

/**
 * Judges whether a value in a file is one that acs-env has written: the stored one, or one of a resource whose values it
 * wrote there. What the user has put in its place since stays; a token belongs to the connection string beside it.
 *
 * @param base what is stored elsewhere, and what is remembered
 */
export function judgeOf(base: Stored, target: DotenvTarget): (value: string) => boolean {
  const { connectionString, accessToken } = base
  const { issued } = base.state
  const endpoints = [...target.endpoints, issued.endpoint ?? storedEndpoint(base)]
  const isOurResource = (value: string): boolean => {
    const endpoint = connectionStringEndpoint(value)
    return endpoint !== undefined && endpoints.includes(endpoint)
  }
  const beside = readTarget(target).connectionString
  const isBesideOurs = beside === undefined || isOurResource(beside.reveal()) || beside.equals(connectionString)
  return (value) => {
    const secret = new Secret(value)
    if (secret.equals(connectionString) || secret.equals(accessToken)) return true
    if (digestOf(secret) === issued.tokenDigest || endpoints.includes(value)) return true
    return isOurResource(value) || (isBesideOurs && readTokenClaims(value)?.userId !== undefined)
  }
}

/** Whether a value has the form that acs-env gives to its own; for a file that is not remembered. */
export function hasOwnForm(value: string): boolean {
  return readTokenClaims(value)?.userId !== undefined || connectionStringEndpoint(value) !== undefined
}

function connectionStringEndpoint(value: string): string | undefined {
  const read = readStoredConnectionString(value)
  return isMistake(read) || read.secret.reveal() !== value ? undefined : read.endpoint
}
