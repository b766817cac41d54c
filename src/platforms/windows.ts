import { join } from 'node:path'
import { CliError, UsageError } from '../errors.ts'
import type { Secret } from '../secret.ts'
import type { System } from '../system/system.ts'
import { applyFileSteps, requireWritable } from './file-steps.ts'
import {
  DEFAULT_VARIABLES,
  requireComplete,
  type Platform,
  type PlatformOptions,
  type Request,
  type Step,
  type Stored,
  type ValueKind,
} from './platform.ts'
import { readState, stateStep } from './private-files.ts'
import { REGISTRY_KEY } from './registry-key.ts'
import { createUserEnvironment, type UserEnvironment } from './user-environment.ts'

type VariableStep = Extract<Step, { kind: 'user-variable' }>

/** The store of Windows: the user environment in the registry; the state beside the other local application data. */
export function createWindows(system: System, options: PlatformOptions): Platform {
  requireNoPosixOptions(options)
  const directory = stateDirectory(system)
  const environment = createUserEnvironment(system)

  const find = async (): Promise<Stored> => {
    const state = readState(directory)
    const values = await environment.read()
    const value = (kind: ValueKind): Secret | undefined =>
      (state.variables ?? DEFAULT_VARIABLES)
        .filter((variable) => variable.value === kind)
        .map(({ name }) => values.get(name))
        .find((found) => found !== undefined)
    return { connectionString: value('connection-string'), accessToken: value('access-token'), state }
  }

  return {
    id: 'windows',
    directory,
    loadedFrom: [REGISTRY_KEY],
    find,
    plan: async (request) => {
      const steps = [
        ...variableSteps(await environment.read(), request),
        ...stateStep(directory, { ...request.remember, variables: request.variables }),
      ]
      requireWritable(steps)
      const stored = request.variables.map(({ name }) => ({ name, where: REGISTRY_KEY }))
      return { isDraft: request.accessToken === 'to-come', steps, stored, warnings: [], notes: [] }
    },
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

/** At every moment the pair is the old one, the new one, or without a token: hence this order. */
function variableSteps(current: ReadonlyMap<string, Secret>, request: Request): readonly Step[] {
  const { connectionString, accessToken, variables, earlier, otherResource } = request
  const namesOf = (kind: ValueKind): readonly string[] =>
    variables.filter(({ value }) => value === kind).map(({ name }) => name)
  const gone = (earlier.variables ?? DEFAULT_VARIABLES).filter(
    ({ name }) => !variables.some((variable) => variable.name === name),
  )
  const tokenNames = namesOf('access-token')
  const removals = [...gone.map(({ name }) => name), ...(otherResource ? tokenNames : [])]
  const afterRemoval = new Map([...current].filter(([name]) => !removals.includes(name)))
  const newToken = accessToken === 'to-come' ? undefined : accessToken
  return [
    ...removals.filter((name) => current.has(name)).map((name) => variableStep(name, current.get(name), undefined)),
    ...namesOf('connection-string').map((name) => variableStep(name, afterRemoval.get(name), connectionString)),
    ...tokenNames.map((name) => ({
      ...variableStep(name, afterRemoval.get(name), newToken),
      summary: 'a user variable',
      preview: [`+ ${newToken ?? '(a new access token)'}`],
    })),
  ].filter(({ before, after }) => after === undefined || !after.equals(before))
}

function variableStep(name: string, before: Secret | undefined, after: Secret | undefined): VariableStep {
  const preview = after === undefined ? '- (the variable goes away)' : `+ ${after}`
  const summary = after === undefined ? 'goes away' : 'a user variable'
  return { kind: 'user-variable', name, before, after, summary, preview: [preview] }
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
