import { join } from 'node:path'
import { CliError, UsageError } from '../../errors.ts'
import { sweepTemporaries } from '../../files/change/replace.ts'
import type { Secret } from '../../secret.ts'
import { applyFileSteps, undoFileSteps } from '../../store/change/perform.ts'
import { readState } from '../../store/state.ts'
import { requireComplete, type Platform, type PlatformOptions, type Stored, type ValueKind } from '../../store/store.ts'
import type { System } from '../../system/system.ts'
import { windowsActivation } from './activation.ts'
import { localApplicationData } from './directory.ts'
import { inspect, namesOf, planRemoval, planRenewal, planStore, type VariableStep } from './plans.ts'
import { claim, managedNames, RECORDS_FILE } from './records.ts'
import type { RegistryString } from './registry-file.ts'
import { REGISTRY_KEY } from './registry-key.ts'
import { isGitBash } from './shell.ts'
import { createUserEnvironment, type UserEnvironment } from './user-environment.ts'

/** The store of Windows: the user environment in the registry; the state beside the other local application data. */
export function createWindows(system: System, options: PlatformOptions): Platform {
  requireNoPosixOptions(options)
  const directory = join(localApplicationData(system), 'acs-env')
  const environment = createUserEnvironment(system)

  const find = async (): Promise<Stored> => {
    const state = readState(directory)
    const values = await environment.read()
    const isManaged = managedNames(directory)
    const value = (kind: ValueKind): Secret | undefined =>
      namesOf(state, kind)
        .filter(isManaged)
        .map((name) => values.get(name))
        .find((found) => found !== undefined)
    return { connectionString: value('connection-string'), accessToken: value('access-token'), state }
  }

  return {
    id: 'windows',
    directory,
    loadedFrom: [REGISTRY_KEY],
    find,
    plan: async (request) => planStore(directory, await environment.read(), request),
    planRenewal: async (accessToken, remember) =>
      planRenewal(directory, readState(directory), await environment.read(), accessToken, remember),
    planRemoval: async () => planRemoval(directory, readState(directory), await environment.read()),
    inspect: async ({ state }) => inspect(directory, state, await environment.read()),
    apply: async (plan) => {
      const { steps } = plan
      requireComplete(plan)
      const variables = steps.filter((step) => step.kind === 'user-variable')
      const first = steps.findIndex((step) => step.kind === 'user-variable')
      const before = steps.slice(0, Math.max(first, 0))
      const rest = steps.slice(before.length)
      applyFileSteps(before, directory)
      await applyVariables(variables, environment, {
        applyRest: () => applyFileSteps(rest, directory),
        putBack: () => undoFileSteps(before),
        keep: (values) => claim(directory, values),
      })
      sweepTemporaries(['state.json', RECORDS_FILE].map((name) => join(directory, name)))
    },
    remarks: () =>
      isGitBash(system.env) ? ['on Windows the registry is the store, for Git Bash too; no profile was changed.'] : [],
    // Only after the writing is it known who was told.
    get activation() {
      return windowsActivation(system.env, environment.allTold)
    },
    show: (path) => path,
  }
}

function requireNoPosixOptions({ shell, rcFile, inline }: PlatformOptions): void {
  const given = [shell !== undefined && '--shell', rcFile !== undefined && '--rc-file', inline && '--inline']
  const option = given.find((name) => typeof name === 'string')
  if (option === undefined) return
  throw new UsageError(`${option} is for macOS and Linux.`, {
    hint: 'Windows keeps the variables in the registry; leave it out',
  })
}

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
    readonly keep: (values: readonly (readonly [name: string, value: RegistryString])[]) => void
  },
): Promise<void> {
  const done: VariableStep[] = []
  try {
    for (const step of steps) {
      done.push(step)
      await environment.write(step.name, step.after, step.afterExpands)
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

/** What is there instead is of our making, and never to be taken for the user's own value. */
async function tryToKeep(
  names: readonly string[],
  environment: UserEnvironment,
  keep: (values: readonly (readonly [name: string, value: RegistryString])[]) => void,
): Promise<void> {
  try {
    const values = await environment.read()
    keep(
      names.flatMap((name) => {
        const value = values.string(name)
        return value === undefined ? [] : [[name, value] as const]
      }),
    )
  } catch {
    // What went wrong before is to be told.
  }
}

/** As far as it can; returns the names that now have another value than before. */
async function putBack(done: readonly VariableStep[], environment: UserEnvironment): Promise<readonly string[]> {
  const lost: string[] = []
  for (const { name, before, expands } of done) {
    try {
      if (!(await environment.read()).holds(name, before)) await environment.write(name, before, expands)
    } catch {
      lost.push(name)
    }
  }
  return lost
}
