import { CliError } from '../../errors.ts'
import { readFileState, type FileState } from '../../files/read.ts'
import { Secret } from '../../secret.ts'
import { stateStep } from '../../store/change/state.ts'
import { requestedValue, type Change, type Place, type Plan, type StoreRequest, type ToCome } from '../../store/plan.ts'
import { stateFile } from '../../store/state.ts'
import type { Applied, Description, PreparedDescription, PreparedStore, Store } from '../../store/store.ts'
import { storedEndpoint } from '../../store/stored-token.ts'
import { DEFAULT_VARIABLES, type DotenvTarget, type Issued, type State, type Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { printable } from '../../text/printable.ts'
import { isMistake, readStoredConnectionString } from '../../values/connection-string.ts'
import { ACCESS_TOKEN_NAME, CONNECTION_STRING_NAME } from '../../values/variable-name.ts'
import { fileActivation } from '../posix/file-activation.ts'
import { applyWithTargets, withEndpoint, writePlanningOf, type Stores } from './adapter.ts'
import type { Wanted } from './edits.ts'
import { findGivenFile } from './given-file.ts'
import { requireSafeMemory } from './guard.ts'
import { homeOf } from './home.ts'
import { noteSteps, planNotedEdit } from './notes.ts'
import { findAmongTargets, readTarget } from './places.ts'
import { requireFitFile, type GitOutcome } from './refuse.ts'
import { NOTHING_TO_DO, planRenewedTargets, type TargetsPlan, type WritePlanning } from './targets.ts'

/** Which file will get the values. */
export interface DotenvWish {
  readonly file: string
  /** Writes it even where git would commit it. */
  readonly force: boolean
}

/** What has become of the file. */
export interface DotenvOutcome {
  readonly file: string
  readonly created: boolean
  readonly removedDuplicates: number
  readonly git: GitOutcome
}

/** A store for setup that writes one `.env` file, and keeps what is stored elsewhere in step with it. */
export interface PreparedDotenv {
  readonly store: PreparedStore
  /** Known once it was planned. */
  outcome(): DotenvOutcome
}

/**
 * Prepares a `.env` file for setup. New shells are left alone.
 *
 * @throws CliError where the values must not go into that file
 */
export async function prepareDotenv(
  { base, all }: Stores,
  { file: given, force }: DotenvWish,
  system: System,
): Promise<PreparedDotenv> {
  requireSafeMemory(system, 'stores')
  const { absolute, path, shown } = findGivenFile(given, system)
  const read = (): FileState => readFileState(absolute)
  const git = await requireFitFile(read(), shown, force, system)
  let outcome: DotenvOutcome | undefined
  let isWritten = false

  const rememberedHere = ({ dotenv }: State): DotenvTarget | undefined => dotenv.find(({ file }) => file === path)

  /**
   * A connection string of another resource in the file comes first, since the user named the file. Once the file is
   * written, only the file counts.
   */
  const find = async (): Promise<Stored> => {
    const stored = await base.find()
    const variables = rememberedHere(stored.state)?.variables ?? DEFAULT_VARIABLES
    const here = readTarget({ file: path, variables })
    if (isWritten) return { ...here, state: stored.state }
    const { found } = findAmongTargets(stored)
    const endpoint = endpointOf(here.connectionString)
    // For the same resource, the stored key is the newer one.
    const isStored = found.connectionString !== undefined && storedEndpoint(found) === endpoint
    return endpoint === undefined || isStored ? found : { ...here, state: { ...stored.state, variables } }
  }

  /** Puts values into the file, and the new token into the other places too. */
  const planWrite = async <Missing extends ToCome>(
    request: Written<Missing>,
    wanted: Wanted<Missing>,
    stored: Stored,
  ): Promise<Plan<Missing>> => {
    const { dotenv } = stored.state
    const others = { ...stored, state: { ...stored.state, dotenv: dotenv.filter((target) => target.file !== path) } }
    requireSameResource(others, request.issued)
    const remembered = rememberedHere(stored.state)
    const file = read()
    const planning = writePlanningOf(base, stored, system)
    const edit = planNotedEdit(file, wanted, { path, shown, target: remembered }, planning)
    const rest = await planOthers(base, others, request, planning)
    const changed = new Map([...rest.records, [path, edit.record]])
    const target = {
      file: path,
      variables: request.variables,
      endpoints: remembered?.endpoints ?? [],
      created: remembered?.created ?? file.bytes === undefined,
      addedNewline: remembered?.addedNewline === true || edit.merged.addedNewline,
      mode: remembered?.mode ?? edit.modeBefore,
      forced: git === 'forced',
    }
    const next = stateAfter(others, request, withEndpoint(target, request.issued.endpoint))
    const memory = stateStep(base.directory, next, homeOf(system))
    const created = file.bytes === undefined
    outcome = { file: path, created, removedDuplicates: edit.merged.removedDuplicates, git }
    return {
      // What is noted comes first, so that a run that is killed loses no line, and leaves no file that nobody knows of.
      steps: [...noteSteps(planning, changed), ...memory, ...rest.steps, ...edit.steps],
      places: [...placesIn(path, wanted), ...rest.places],
      warnings: [...edit.warnings, ...rest.warnings, ...environmentWarnings(wanted, shown, system)],
      notes: [...edit.notes, ...rest.notes],
    }
  }

  const plan = async <Missing extends ToCome>(change: Change<Missing>): Promise<Plan<Missing>> => {
    switch (change.kind) {
      case 'store': {
        const stored = await base.find()
        const { from } = change.request.switch ?? {}
        // A file has one resource: there is no place for that of the other name.
        if (from !== undefined) requireSameResource(from.stored, change.request.issued)
        return planWrite<Missing>(change.request, wantedBy(change.request, rememberedHere(stored.state)), stored)
      }
      case 'renew': {
        const stored = await base.find()
        const remembered = rememberedHere(stored.state)
        if (remembered !== undefined) return all.plan<Missing>(change)
        const { accessToken, issued } = change
        const { createdDirectories } = stored.state
        const { connectionString } = await find()
        const values = new Map<string, Secret | Missing | undefined>([
          ...(connectionString === undefined ? [] : [[CONNECTION_STRING_NAME, connectionString] as const]),
          [ACCESS_TOKEN_NAME, accessToken],
        ])
        const variables = DEFAULT_VARIABLES.filter(({ name }) => values.has(name))
        return planWrite<Missing>({ accessToken, issued, variables, createdDirectories }, values, stored)
      }
      case 'remove':
      case 'invalidate':
        return all.plan<Missing>(change)
      case 'place':
      case 'remember':
        // No shell loads the file.
        return { steps: [], places: [], warnings: [], notes: [] }
      default:
        return change satisfies never
    }
  }

  const describe = (): PreparedDescription => describeFile(base.describe(), path, system)
  const apply = async (planned: Plan): Promise<Applied> => {
    const { warnings } = await applyWithTargets(base, planned, [path])
    isWritten = true
    return { activation: describe().activation, warnings }
  }
  const store: PreparedStore = { ...all, find, plan, foresee: () => Promise.resolve(), apply, describe }
  return {
    store,
    outcome: () => {
      if (outcome === undefined) throw new Error('Nothing was planned.')
      return outcome
    },
  }
}

function endpointOf(connectionString: Secret | undefined): string | undefined {
  const read = connectionString && readStoredConnectionString(connectionString.reveal())
  return read === undefined || isMistake(read) ? undefined : read.endpoint
}

/** The parts of a request that matter to a file and to what is remembered. */
type Written<Missing extends ToCome> = Pick<
  StoreRequest<Missing>,
  'accessToken' | 'issued' | 'variables' | 'createdDirectories'
>

/**
 * What the lines of a file will be. Values of ours that are not wanted are removed: they may be of another resource.
 */
function wantedBy<Missing extends ToCome>(
  request: StoreRequest<Missing>,
  remembered: DotenvTarget | undefined,
): Wanted<Missing> {
  const known = [...DEFAULT_VARIABLES, ...(remembered?.variables ?? [])]
  const wanted = request.variables.map(({ name, value }) => [name, requestedValue(request, value)] as const)
  const names = new Set(wanted.map(([name]) => name))
  const gone = known.flatMap(({ name }) => (names.has(name) ? [] : [[name, undefined] as const]))
  return new Map<string, Secret | Missing | undefined>([...wanted, ...gone])
}

/** One identity is remembered, and one token kept fresh: all places are of one resource. */
function requireSameResource(others: Stored, { endpoint }: Issued): void {
  const { found } = findAmongTargets(others)
  if (found.connectionString === undefined && found.accessToken === undefined) return
  const stored = storedEndpoint(found)
  if (stored !== undefined && stored === endpoint) return
  const whose = stored === undefined ? 'Another resource' : printable(stored.replace(/^\w+:\/\/|\/$/g, ''))
  throw new CliError(`${whose} is stored already, and one resource is kept fresh at a time.`, {
    code: 'other_resource',
    hint: 'take it out with "acs-env unset" first, or write a file that is not kept fresh: "acs-env env --format dotenv"',
  })
}

/** The new token in the system's own place and in the other remembered files. */
async function planOthers<Missing extends ToCome>(
  base: Store,
  others: Stored,
  { accessToken, issued }: Written<Missing>,
  planning: WritePlanning,
): Promise<TargetsPlan<Missing>> {
  if (accessToken === undefined) return NOTHING_TO_DO
  const state = stateFile(base.directory).path
  const own =
    others.accessToken === undefined ? NOTHING_TO_DO : await base.plan<Missing>({ kind: 'renew', accessToken, issued })
  const { dotenv } = others.state
  const files = await planRenewedTargets(dotenv, accessToken, issued.endpoint, undefined, planning)
  return {
    // What is remembered is written once, with the file in it.
    steps: [...own.steps.filter((step) => !(step.kind === 'write' && step.path === state)), ...files.steps],
    places: [...own.places, ...files.places],
    warnings: [...own.warnings, ...files.warnings],
    notes: [...own.notes, ...files.notes],
    records: files.records,
  }
}

function stateAfter(
  { connectionString, accessToken, state }: Stored,
  request: Written<ToCome>,
  target: DotenvTarget,
): State {
  const isElsewhere = connectionString !== undefined || accessToken !== undefined
  const isAlone = !isElsewhere && state.dotenv.length === 0
  const source = request.issued.source ?? (isAlone ? undefined : state.issued.source)
  const isNew = isAlone || request.accessToken !== undefined
  return {
    ...state,
    issued: isNew ? { ...request.issued, source } : state.issued,
    invalidated: isNew ? undefined : state.invalidated,
    variables: isElsewhere ? state.variables : [],
    dotenv: [...state.dotenv, target],
    createdDirectories: request.createdDirectories,
  }
}

function placesIn(file: string, wanted: Wanted<ToCome>): readonly Place[] {
  return [...wanted].flatMap(([name, value]) => (value === undefined ? [] : [{ name, where: file }]))
}

/** In libraries, a variable that is set wins over the file. */
function environmentWarnings(wanted: Wanted<ToCome>, shown: string, { env }: System): readonly string[] {
  return [...wanted].flatMap(([name, value]) => {
    const here = env[name]
    if (here === undefined || value === undefined) return []
    if (value instanceof Secret && value.reveal() === here) return []
    return [
      `this shell has another ${name}, and programs that read ${shown} keep the one they have; open a new terminal, or take it out with "unset ${name}".`,
    ]
  })
}

function describeFile(usual: Description, file: string, system: System): PreparedDescription {
  const activation = fileActivation(file, usual.activation, homeOf(system))
  const newTerminals = { kind: 'programs', files: [file] } as const
  return { ...usual, loadedFrom: [file], activation, newTerminals, remarks: () => [] }
}
