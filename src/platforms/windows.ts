import { join } from 'node:path'
import { CliError, UsageError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { System } from '../system/system.ts'
import { applyFileSteps } from './file-steps.ts'
import { requireComplete, type Platform, type PlatformOptions, type Stored, type ValueKind } from './platform.ts'
import { readState } from './private-files.ts'
import { REGISTRY_KEY } from './registry-key.ts'
import { createUserEnvironment, type UserEnvironment } from './user-environment.ts'
import { inspect, namesOf, planRemoval, planRenewal, planStore, type VariableStep } from './windows-plans.ts'

/** The store of Windows: the user environment in the registry; the state beside the other local application data. */
export function createWindows(system: System, options: PlatformOptions): Platform {
  requireNoPosixOptions(options)
  const directory = stateDirectory(system)
  const environment = createUserEnvironment(system)

  const find = async (): Promise<Stored> => {
    const state = readState(directory)
    const values = await environment.read()
    const value = (kind: ValueKind): Secret | undefined =>
      namesOf(state, kind)
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
    inspect: async () => inspect(readState(directory), await environment.read()),
    apply: async (plan) => {
      const { steps } = plan
      requireComplete(plan)
      await applyVariables(
        steps.filter((step) => step.kind === 'user-variable'),
        environment,
      )
      applyFileSteps(steps, directory)
    },
    activation: { text: 'open a new console window', isCommand: false },
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

function stateDirectory({ env }: System): string {
  const { LOCALAPPDATA, USERPROFILE } = env
  if (LOCALAPPDATA !== undefined) return join(LOCALAPPDATA, 'acs-env')
  if (USERPROFILE !== undefined) return join(USERPROFILE, 'AppData', 'Local', 'acs-env')
  throw new CliError('LOCALAPPDATA is not set.', { code: 'home', hint: 'run this in an ordinary user session' })
}

async function applyVariables(steps: readonly VariableStep[], environment: UserEnvironment): Promise<void> {
  const done: VariableStep[] = []
  try {
    for (const step of steps) {
      done.push(step)
      await environment.write(step.name, step.after)
    }
  } catch (error) {
    for (const { name, before } of done.toReversed()) {
      // The error that led here is the one to report.
      await environment.write(name, before).catch(() => undefined)
    }
    throw error
  }
}
