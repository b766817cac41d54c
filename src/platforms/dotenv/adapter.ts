import { sweepTemporaries } from '../../files/change/replace.ts'
import { stateStep } from '../../store/change/state.ts'
import type { Change, Plan, Step, ToCome } from '../../store/plan.ts'
import { stateFile } from '../../store/state.ts'
import type { Applied, Inspection, KeptChange, PreparedStore, Store } from '../../store/store.ts'
import { storedEndpoint, storedValue } from '../../store/stored-token.ts'
import type { DotenvTarget, Stored } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { requireSafeMemory } from './guard.ts'
import { homeOf } from './home.ts'
import { inspectTargets } from './inspect.ts'
import { noteSteps } from './notes.ts'
import { findAmongTargets } from './places.ts'
import { planTargetsRemoval, removalSteps } from './removal.ts'
import { readTakenRecords } from './taken-records.ts'
import { planRenewedTargets, planStoredTargets, type Planning, type WritePlanning } from './targets.ts'

/** A store without the files that it remembers, and with them. */
export interface Stores {
  readonly base: Store
  readonly all: Store
}

/** More resources than anybody changes between before one run has finished. */
const MOST_ENDPOINTS = 5

type Kept<Missing extends ToCome> = Extract<Change<Missing>, { kind: KeptChange }>

/** What is stored, in the system's own place or in a remembered file. */
export async function findWithTargets(base: Stored): Promise<Stored> {
  return findAmongTargets(base).found
}

/** What a change comes to, in the system's own place and in the remembered files. */
export async function planWithTargets<Missing extends ToCome>(
  store: Store,
  change: Kept<Missing>,
  system: System,
): Promise<Plan<Missing>> {
  switch (change.kind) {
    case 'renew':
      return planRenewal(store, change, system)
    case 'remove': {
      const base = await store.find()
      const planning = planningOf(store, system)
      const { files, records } = await planTargetsRemoval(base, planning)
      const own = await store.plan<never>(change)
      return combine<never>(files, own, removalSteps(files.steps, own.steps, records, planning))
    }
    case 'invalidate':
      return store.plan(change)
    default:
      return change satisfies never
  }
}

/** The same for a store that setup has prepared. */
export async function planPreparedWithTargets<Missing extends ToCome>(
  store: PreparedStore,
  change: Change<Missing>,
  system: System,
): Promise<Plan<Missing>> {
  switch (change.kind) {
    case 'store':
      return planStore(store, change, system)
    case 'renew':
    case 'remove':
    case 'invalidate':
      return planWithTargets({ ...store, plan: (kept) => store.plan(kept) }, change, system)
    case 'place':
    case 'remember':
      return store.plan(change)
    default:
      return change satisfies never
  }
}

async function planStore<Missing extends ToCome>(
  store: PreparedStore,
  change: Extract<Change<Missing>, { kind: 'store' }>,
  system: System,
): Promise<Plan<Missing>> {
  const base = await store.find()
  const { found } = findAmongTargets(base)
  const { request } = change
  const planning = writePlanningOf(store, base, system)
  const files = await planStoredTargets<Missing>(base.state.dotenv, request, storedEndpoint(found), planning)
  const dotenv = base.state.dotenv.map((target) => withEndpoint(target, request.issued.endpoint))
  const earlier = { ...request.earlier, dotenv }
  const own = await store.plan<Missing>({ ...change, request: { ...request, earlier } })
  const steps = beforeState(own.steps, files.steps, store.directory)
  return combine(own, files, [...noteSteps(planning, files.records, own.steps), ...steps])
}

/** A target to which values of this resource are written. */
export function withEndpoint(target: DotenvTarget, endpoint: string | undefined): DotenvTarget {
  if (endpoint === undefined) return target
  const endpoints = [...target.endpoints.filter((each) => each !== endpoint), endpoint]
  return { ...target, endpoints: endpoints.slice(-MOST_ENDPOINTS) }
}

async function planRenewal<Missing extends ToCome>(
  store: Store,
  change: Extract<Change<Missing>, { kind: 'renew' }>,
  system: System,
): Promise<Plan<Missing>> {
  const base = await store.find()
  const { found, target } = findAmongTargets(base)
  const { accessToken, issued } = change
  const planning = writePlanningOf(store, base, system)
  const files = await planRenewedTargets<Missing>(
    base.state.dotenv,
    accessToken,
    storedEndpoint(found),
    target,
    planning,
  )
  const notes = noteSteps(planning, files.records)
  if (base.accessToken !== undefined) {
    const own = await store.plan<Missing>(change)
    return combine(own, files, [...notes, ...beforeState(own.steps, files.steps, store.directory)])
  }
  requireSafeMemory(system, 'stores')
  const state = { ...base.state, issued, invalidated: undefined }
  return { ...files, steps: [...notes, ...files.steps, ...stateStep(store.directory, state, homeOf(system))] }
}

function combine<Missing extends ToCome>(
  first: Omit<Plan<Missing>, 'steps'>,
  second: Omit<Plan<Missing>, 'steps'>,
  steps: readonly Step<Missing>[],
): Plan<Missing> {
  return {
    steps,
    places: [...first.places, ...second.places],
    warnings: [...first.warnings, ...second.warnings],
    notes: [...first.notes, ...second.notes],
  }
}

/** The state is written last, so that it never claims more than a killed run has done. */
export function beforeState<Missing extends ToCome>(
  steps: readonly Step<Missing>[],
  files: readonly Step<Missing>[],
  directory: string,
): readonly Step<Missing>[] {
  const { path } = stateFile(directory)
  const isState = (step: Step<Missing>): boolean => step.kind === 'write' && step.path === path
  return [...steps.filter((step) => !isState(step)), ...files, ...steps.filter(isState)]
}

/** Performs a plan, and takes away what killed runs have left beside these files. */
export async function applyWithTargets(
  store: Pick<Store, 'apply'>,
  plan: Plan,
  files: readonly string[],
): Promise<Applied> {
  const applied = await store.apply(plan)
  sweepTemporaries(files)
  return applied
}

/** How the stored values stand, those in files among them. */
export async function inspectWithTargets(
  store: Pick<Store, 'find' | 'inspect' | 'describe' | 'directory'>,
  system: System,
): Promise<Inspection> {
  const base = await store.find()
  const own = await store.inspect(base)
  const { found } = findAmongTargets(base)
  const { files, problems, obstacles } = await inspectTargets(found, planningOf(store, system))
  const variables = found.state.variables.map((variable) => {
    const inPlace = own.variables.find(({ name }) => name === variable.name)
    const inFiles = files.filter(({ values }) => values.get(variable.name) === 'same').map(({ file }) => file)
    return {
      ...variable,
      storedIn: [...(inPlace?.storedIn ?? []), ...inFiles],
      secret: inPlace?.secret ?? storedValue(found, variable.value),
    }
  })
  return {
    variables,
    problems: [...own.problems, ...problems],
    obstacles: [...own.obstacles, ...obstacles],
    dotenv: files.map(({ file, inFile }) => ({ file, inFile })),
  }
}

/** What it takes to plan what is written to the files of a store. @param stored what it has itself */
export function writePlanningOf(
  store: Pick<Store, 'directory' | 'describe'>,
  stored: Stored,
  system: System,
): WritePlanning {
  return { ...planningOf(store, system), stored, records: readTakenRecords(store.directory, homeOf(system)) }
}

/** What it takes to plan for the files of a store. */
export function planningOf({ directory, describe }: Pick<Store, 'directory' | 'describe'>, system: System): Planning {
  return { directory, system, show: (path) => describe().show(path) }
}
