import { dirname, join } from 'node:path'
import { CliError, UsageError } from '../../errors.ts'
import { sweepTemporaries } from '../../files/change/replace.ts'
import { Secret } from '../../secret.ts'
import { DOTENV_NOTES } from '../../store/change/notes.ts'
import { leftoverSteps, requestForCopy, tidyParked } from '../../store/change/parking.ts'
import { applyFileSteps, removeEmptyFolders, undoFileSteps } from '../../store/change/perform.ts'
import type { Change, Plan, RegistryString, ToCome } from '../../store/plan.ts'
import { brokenSwitch, hasResourcesFolder } from '../../store/resources.ts'
import type { Applied, PreparedDescription, PreparedStore, StartupWish, Store } from '../../store/store.ts'
import { DEFAULT_VARIABLES, type Stored, type ValueKind } from '../../store/stored.ts'
import type { System } from '../../system/system.ts'
import { REGISTRY_KEY } from '../../values/registry-key.ts'
import { windowsActivation } from './activation.ts'
import { localApplicationData } from './directory.ts'
import { isStorableName } from './names.ts'
import { inspect, namesOf, planInvalidation, planRemoval, planRenewal, planStore, type VariableStep } from './plans.ts'
import { claim, managedNames, RECORDS_FILE } from './records.ts'
import { isGitBash } from './shell.ts'
import { readState } from './state.ts'
import { createUserEnvironment, type UserEnvironment } from './user-environment.ts'
import type { WindowsValues } from './values.ts'

/** The store of Windows: the user environment in the registry; the state beside the other local application data. */
export function openWindows(system: System): Store {
  return createStore(system)
}

/** The same for setup. Nothing here is the user's choice, so what chooses among shells and profiles is a usage error. */
export function prepareWindows(wish: StartupWish, system: System): PreparedStore {
  requireNoPosixOptions(wish)
  return { ...createStore(system), foresee: () => Promise.resolve() }
}

function createStore(system: System) {
  const directory = join(localApplicationData(system), 'acs-env')
  const environment = createUserEnvironment(system)
  /** Starting a program to read the registry takes longer than all the rest of `status`. */
  const foundIn = new WeakMap<Stored, WindowsValues>()
  /** What a removal has left is the user's own, whatever its form; no record says so any more. */
  let hasRemoved = false

  const find = async (): Promise<Stored> => {
    const state = readState(directory)
    const values = await environment.read()
    const isManaged = hasRemoved ? () => false : managedNames(directory, values)
    const value = (kind: ValueKind): Secret | undefined =>
      namesOf(state, kind)
        .filter(isManaged)
        .map((name) => values.get(name))
        .find((found) => found !== undefined)
    const found = { connectionString: value('connection-string'), accessToken: value('access-token'), state }
    foundIn.set(found, values)
    return found
  }

  const plan = async <Missing extends ToCome>(change: Change<Missing>): Promise<Plan<Missing>> => {
    switch (change.kind) {
      case 'store':
        return planStore(directory, await environment.read(), change.request)
      case 'renew':
        return planRenewal(directory, await environment.read(), change.accessToken, change.issued)
      case 'remove':
        return planRemovalAndLook()
      case 'invalidate':
        return planInvalidation(directory, change.invalidated)
      case 'place':
      case 'remember':
        // No shell is looked at, and there are no blocks.
        return { steps: [], places: [], warnings: [], notes: [] }
      default:
        return change satisfies never
    }
  }

  const planRemovalAndLook = async (): Promise<Plan> => {
    const current = await environment.read()
    const plan = planRemoval(directory, current)
    return { ...plan, notes: [...plan.notes, ...(await machineNotes(plan, current, environment))] }
  }

  const apply = async ({ steps }: Plan): Promise<Applied> => {
    const isVariable = (step: Plan['steps'][number]): step is VariableStep =>
      step.kind === 'set-variable' || step.kind === 'delete-variable'
    const variables = steps.filter(isVariable)
    const before = steps.slice(0, Math.max(steps.findIndex(isVariable), 0))
    const rest = steps.slice(before.length)
    applyFileSteps(before, directory)
    await applyVariables(variables, environment, {
      applyRest: () => applyFileSteps(rest, directory),
      putBack: () => {
        undoFileSteps(before)
        removeEmptyFolders(before, directory)
      },
      keep: (names, current) => claim(directory, names, current),
    })
    hasRemoved = steps.some((step) => step.kind === 'remove' && dirname(step.path) === directory)
    sweepTemporaries(['state.json', RECORDS_FILE, DOTENV_NOTES].map((name) => join(directory, name)))
    tidyParked(directory)
    return { activation: windowsActivation(system.env, environment.hasBroadcast), warnings: [] }
  }

  const describe = (): PreparedDescription => ({
    id: 'windows',
    loadedFrom: [REGISTRY_KEY],
    activation: windowsActivation(system.env, environment.hasBroadcast),
    newTerminals: { kind: 'system' },
    show: (path) => path,
    remarks: () =>
      isGitBash(system.env) ? ['on Windows the registry is the store, for Git Bash too; no profile was changed.'] : [],
  })

  const finish = async (): Promise<void> => {
    if (!hasResourcesFolder(directory)) return
    const found = await find()
    const broken = brokenSwitch(directory, found)
    if (broken?.kind === 'leftover') applyFileSteps(leftoverSteps(directory, broken.name), directory)
    if (broken?.kind !== 'unfinished') {
      tidyParked(directory)
      return
    }
    const request = requestForCopy(broken.name, broken.copy, found.state)
    // A copy that names others must not keep every later command from its work.
    const variables = request.variables.filter(({ name }) => isStorableName(name))
    await apply(await plan<never>({ kind: 'store', request: { ...request, variables } }))
  }

  return {
    directory,
    find,
    plan,
    apply,
    inspect: async (found: Stored) => inspect(directory, foundIn.get(found) ?? (await environment.read())),
    describe,
    finish,
  }
}

/** Where the user's value goes, that of the computer comes to light. */
async function machineNotes(
  { steps, places }: Plan,
  current: WindowsValues,
  environment: UserEnvironment,
): Promise<readonly string[]> {
  const returning = steps.flatMap((step) => (step.kind === 'set-variable' ? [step.name] : []))
  const absent = DEFAULT_VARIABLES.filter(({ name }) => current.string(name) === undefined)
  const gone = new Set([...places, ...absent].map(({ name }) => name).filter((name) => !returning.includes(name)))
  const names = await environment.machineNames([...gone])
  return names.map((name) => `${name} is set for all users of this computer too: new consoles have that value.`)
}

function requireNoPosixOptions({ shell, rcFile, inline }: StartupWish): void {
  const given = [shell !== undefined && '--shell', rcFile !== undefined && '--rc-file', inline && '--inline']
  const option = given.find((name) => typeof name === 'string')
  if (option === undefined) return
  throw new UsageError(`${option} is for macOS and Linux.`, {
    hint: 'Windows keeps the variables in the registry; leave it out',
  })
}

/** Takes values of these variables, among all that there are now, for our own. */
type Keep = (values: readonly (readonly [name: string, value: RegistryString])[], current: WindowsValues) => void

/**
 * Performs the steps and then the rest of the plan; where any of it fails, the variables are put back, and then what was
 * done before them: a value that cannot be put back is kept there.
 */
async function applyVariables(
  steps: readonly VariableStep[],
  environment: UserEnvironment,
  files: {
    readonly applyRest: () => void
    readonly putBack: () => void
    readonly keep: Keep
  },
): Promise<void> {
  const done: VariableStep[] = []
  try {
    for (const step of steps) {
      done.push(step)
      if (step.kind === 'set-variable') await environment.write(step.name, step.after, step.expands)
      else await environment.write(step.name, undefined, false)
    }
    files.applyRest()
  } catch (error) {
    const lost = await putBack(done.toReversed(), environment)
    if (lost.length === 0) files.putBack()
    else await tryToKeep(lost, environment, files.keep)
    if (lost.length === 0 || !(error instanceof CliError)) throw error
    throw new CliError(`${error.message} The previous value of ${lost.join(' and ')} could not be put back.`, error)
  }
}

/** The value that is there now is ours, and must never be taken for the user's own. */
async function tryToKeep(names: readonly string[], environment: UserEnvironment, keep: Keep): Promise<void> {
  try {
    const values = await environment.read()
    keep(
      names.flatMap((name) => {
        const value = values.string(name)
        return value === undefined ? [] : [[name, value] as const]
      }),
      values,
    )
  } catch {
    // The first failure is the one to report.
  }
}

/** As far as it can; returns the names that now have another value than before. */
async function putBack(done: readonly VariableStep[], environment: UserEnvironment): Promise<readonly string[]> {
  const lost: string[] = []
  for (const { name, before } of done) {
    const value = before && new Secret(before.text)
    try {
      const expands = before?.expands ?? false
      if (!(await environment.read()).holds(name, value, expands)) await environment.write(name, value, expands)
    } catch {
      lost.push(name)
    }
  }
  return lost
}
